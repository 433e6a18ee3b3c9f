//! Trains by a preset on a folder and prints the validation loss.
use std::time::Instant;
use cantus_model::{corpus, recipe::Recipe, training::*};
fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().unwrap();
    let mut recipe = Recipe::preset(&args.next().unwrap()).unwrap();
    for a in args { let (k,v)=a.split_once('=').unwrap(); let mut t: toml::Table = toml::from_str(&recipe.write()).unwrap();
        let val: toml::Value = if let Ok(i)=v.parse::<i64>() {i.into()} else if let Ok(f)=v.parse::<f64>() {f.into()} else {v.into()};
        if let Some((a,b))=k.split_once('.') { t.get_mut(a).unwrap().as_table_mut().unwrap().insert(b.into(), val);} else { t.insert(k.into(), val);} 
        recipe = Recipe::read(&toml::to_string(&t).unwrap()).unwrap(); }
    let t=Instant::now();
    let corpus = corpus::scan(&[path.into()], &corpus::ScanOptions::default(), &|_| {}).unwrap();
    println!("{} pieces, skipped {}, dup {}, {:?}", corpus.pieces.len(), corpus.skipped.len(), corpus.duplicates, t.elapsed());
    let set = TrainingSet::of_corpus(&corpus, recipe.transposition).unwrap();
    println!("train {} valid {} {:?}", set.train.len(), set.valid.len(), t.elapsed());
    for s in &set.styles { println!("{s:?}"); }
    let mut tr = Training::new(recipe, set, 2).unwrap();
    println!("params {} steps/epoch {}", tr.weights().count(), tr.steps_in_epoch());
    let t=Instant::now();
    while !tr.is_done() {
        let e=tr.epoch(); let (mut n,mut s,mut a)=(0.0,0,0);
        while tr.epoch()==e { let r=tr.step(); n+=r.nats; s+=r.slices; a+=r.answers; }
        print!("epoch {} {:.0}s train/slice {:.4} slices {} ans {}", tr.epoch(), t.elapsed().as_secs_f32(), n/s as f64, s, a);
        if tr.epoch()%2==0 || tr.is_done() {
        let names: Vec<String> = tr.set.styles.iter().map(|s|s.name.clone()).collect();
        for (i,v) in tr.validate().into_iter().enumerate() { 
            let steps16: u32 = tr.set.valid.iter().filter(|p| p.style==i as u32).take(v.pieces.len()).map(|p| p.piece.end()/6).sum();
            print!(" | {} note {:.4} slice {:.4} tok {:.4} kinds {:?}", names[i], v.per_note(), v.per_slice(), v.nats()/(steps16 as f64*4.0), v.by_kind.map(|x| (x/(steps16 as f64*4.0)*10000.0).round()/10000.0)); }
        }
        println!();
    }
}
