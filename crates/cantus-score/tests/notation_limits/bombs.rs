//! Files that are made to do harm: small, but read by a careless program they would never end, or fill all memory.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A file of a name.
pub(crate) struct Bomb {
    pub(crate) name: &'static str,
    /// Whether it is kern; the others are MusicXML.
    pub(crate) kern: bool,
    pub(crate) bytes: Vec<u8>,
}

/// All of them, each of about so many bytes.
pub(crate) fn all(size: usize) -> Vec<Bomb> {
    let xml =
        xml(size).into_iter().chain(packed(size)).map(|(name, bytes)| Bomb { name, kern: false, bytes });
    let kern = kern(size).into_iter().map(|(name, text)| Bomb { name, kern: true, bytes: text.into_bytes() });
    xml.chain(kern).collect()
}

const NOTE: &str = "<note><pitch><step>A</step><octave>4</octave></pitch><duration>1</duration></note>";
const LONG: &str =
    "<note><chord/><pitch><step>A</step><octave>4</octave></pitch><duration>4096</duration></note>";
const HEAD: &str =
    "<score-partwise><part-list><score-part id=\"P1\"><part-name>a</part-name></score-part></part-list>";

/// A score of one part that holds these measures.
fn score(measures: &str) -> Vec<u8> {
    format!("{HEAD}<part id=\"P1\">{measures}</part></score-partwise>").into_bytes()
}

/// A text as often as fits.
fn often(text: &str, size: usize) -> String {
    text.repeat(size / text.len() + 1)
}

/// Texts that know their numbers, as many as fit.
fn counted(size: usize, text: impl Fn(usize) -> String) -> String {
    let mut all = String::new();
    (0..).map_while(|number| (all.len() < size).then(|| all.push_str(&text(number)))).for_each(drop);
    all
}

fn measure(content: &str) -> String {
    format!("<measure>{content}</measure>")
}

#[allow(
    clippy::too_many_lines,
    clippy::format_collect,
    reason = "it is a list, and as long as what can go wrong"
)]
fn xml(size: usize) -> Vec<(&'static str, Vec<u8>)> {
    let half = size / 2;
    let in_bar = |content: &str| score(&measure(content));
    let entities: String = (1..40)
        .map(|level| format!("<!ENTITY e{level} \"{}\">", format!("&e{};", level - 1).repeat(10)))
        .collect();
    vec![
        ("entities of entities", format!(
            "<?xml version=\"1.0\"?><!DOCTYPE score-partwise [<!ENTITY e0 \"boom\">{entities}]>{}",
            String::from_utf8_lossy(&in_bar(&format!("<direction><direction-type><words>{}</words></direction-type></direction>{NOTE}", often("&e39;", size))))
        ).into_bytes()),
        ("an entity from a file", format!(
            "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x SYSTEM \"file:///dev/zero\">]>{}",
            String::from_utf8_lossy(&in_bar(&often("<sound>&x;</sound>", size)))
        ).into_bytes()),
        ("nested elements", in_bar(&often("<a>", size))),
        ("nested notes", in_bar(&often("<note>", size))),
        ("nested measures", score(&often("<measure>", size))),
        ("closing tags", in_bar(&often("</a>", size))),
        ("attributes", in_bar(&format!("<note {}>{NOTE}</note>", counted(size, |number| format!("a{number}=\"1\" "))))),
        ("one attribute", in_bar(&format!("<note a=\"{}\">{NOTE}</note>", often("&amp;", size)))),
        ("a long text", in_bar(&format!("{NOTE}<direction><direction-type><words>{}</words></direction-type></direction>", often("long ", size)))),
        ("a long name", format!(
            "<score-partwise><work><work-title>{0}</work-title></work><movement-title>{0}b</movement-title><part-list><score-part id=\"P1\"><part-name>{0}</part-name></score-part></part-list><part id=\"P1\"><measure>{NOTE}</measure></part></score-partwise>",
            often("long ", size / 3)
        ).into_bytes()),
        ("notes", score(&often(&measure(&NOTE.repeat(4)), size))),
        ("notes in one bar", in_bar(&often(NOTE, size))),
        ("the shortest notes", in_bar(&often("<note><unpitched/></note>", size))),
        ("grace notes", in_bar(&format!("{}{NOTE}", often("<note><grace/><unpitched/></note>", size)))),
        ("chord notes", in_bar(&format!("{NOTE}{}", often(&NOTE.replace("<pitch>", "<chord/><pitch>"), size)))),
        ("notes of all lengths at once", in_bar(&counted(size, |number| NOTE.replace("<duration>1<", &format!("<duration>{}<", number + 1)).replace("<note>", if number == 0 { "<note>" } else { "<note><chord/>" })))),
        ("notes over many bars", score(&format!("{}{}", measure(&format!("{NOTE}{}", often(LONG, half))), often("<measure/>", half)))),
        ("long notes in long bars", score(&often(&measure(&format!("{}{LONG}", LONG.replace("<chord/>", ""))), size))),
        ("long rests", score(&often(&measure("<forward><duration>4096</duration></forward>"), size))),
        ("voices in many bars", score(&format!(
            "{}{}",
            measure(&counted(half, |number| format!("<note><chord/><unpitched/><duration>1</duration><voice>{}</voice><staff>{}</staff></note>", number % 255 + 1, number / 255 % 32 + 1))),
            often("<measure/>", half)
        ))),
        ("empty measures", score(&often("<measure/>", size))),
        ("parts", format!(
            "<score-partwise><part-list>{}</part-list>{}</score-partwise>",
            counted(half, |number| format!("<score-part id=\"{number}\"/>")),
            counted(half, |number| format!("<part id=\"{number}\">{}</part>", measure(NOTE)))
        ).into_bytes()),
        ("parts without names", format!("<score-partwise>{}</score-partwise>", often(&format!("<part>{}</part>", measure(NOTE)), size)).into_bytes()),
        ("parts and measures", format!(
            "<score-partwise>{}<part>{}</part></score-partwise>",
            often(&format!("<part>{}</part>", measure(NOTE)), half),
            often("<measure/>", half)
        ).into_bytes()),
        ("parts and repeats", format!(
            "<score-partwise>{}<part>{}</part></score-partwise>",
            often(&format!("<part>{}</part>", measure(NOTE)), half),
            often("<measure><barline><repeat direction=\"backward\" times=\"32\"/></barline></measure>", half)
        ).into_bytes()),
        ("a measure in a million", b"<score-timewise><measure><part><note><unpitched/></note></part></measure></score-timewise>".repeat(size / 90 + 1)),
        ("durations", in_bar(&often(&NOTE.replace(">1<", ">1000000000<"), size))),
        ("endless durations", in_bar(&often(&NOTE.replace(">1<", ">99999999999999999999999999<"), size))),
        ("divisions", in_bar(&counted(size, |number| format!("<attributes><divisions>{}</divisions></attributes>{NOTE}", 1_000_000_007 - number)))),
        ("forward", in_bar(&format!("{}{NOTE}", often("<forward><duration>1000000000</duration></forward>", size)))),
        ("backup", in_bar(&format!("{NOTE}{}", often("<backup><duration>1</duration></backup>", size)))),
        ("to and fro", in_bar(&often(&format!("<forward><duration>4096</duration></forward>{NOTE}<backup><duration>4096</duration></backup>"), size))),
        ("tuplets", in_bar(&counted(size, |number| format!("<note><unpitched/><type>whole</type><time-modification><actual-notes>{}</actual-notes><normal-notes>999</normal-notes></time-modification></note>", 999_999_937 - number)))),
        ("odd tuplets", score(&counted(size, |number| measure(&format!("<attributes><divisions>{}</divisions></attributes>{}", 2 * number + 3, NOTE.repeat(3)))))),
        ("dots", in_bar(&format!("<note><unpitched/><type>whole</type>{}</note>", often("<dot/>", size)))),
        ("rests of many bars", score(&often(&measure("<attributes><measure-style><multiple-rest>1000000000</multiple-rest></measure-style></attributes>"), size))),
        ("repeats", score(&often(&measure(&format!("<barline location=\"left\"><repeat direction=\"forward\"/></barline>{NOTE}<barline><repeat direction=\"backward\" times=\"255\"/></barline>")), size))),
        ("repeats that begin", score(&often(&measure("<barline location=\"left\"><repeat direction=\"forward\"/></barline>"), size))),
        ("repeats that end", score(&often(&measure("<barline><repeat direction=\"backward\" times=\"255\"/></barline>"), size))),
        ("music in one repeated bar", score(&format!("{}{}", measure(&format!("{}<barline><repeat direction=\"backward\" times=\"255\"/></barline>", often(NOTE, size))), "<measure/>".repeat(200)))),
        ("words in one repeated bar", score(&format!("{}{}", measure(&format!("<direction><direction-type><words>{}</words></direction-type></direction><barline><repeat direction=\"backward\" times=\"255\"/></barline>", often("a ", size))), "<measure/>".repeat(200)))),
        ("endings", score(&often(&measure("<barline location=\"left\"><ending number=\"1-255\" type=\"start\"/></barline><barline><repeat direction=\"backward\"/></barline>"), size))),
        ("one ending", score(&format!("{}{}", measure("<barline location=\"left\"><ending number=\"255\" type=\"start\"/></barline>"), often("<measure/>", size)))),
        ("passes of an ending", in_bar(&format!("<barline><ending number=\"{}\" type=\"start\"/></barline>{NOTE}", often("1-255,", size)))),
        ("jumps", score(&often(&measure("<sound dacapo=\"yes\" dalsegno=\"x\" tocoda=\"x\" fine=\"yes\"/>"), size))),
        ("da capo over endings", score(&format!(
            "{}{}",
            often(&measure("<barline location=\"left\"><ending number=\"9\" type=\"start\"/></barline>"), half),
            often(&measure("<sound dacapo=\"yes\"/>"), half)
        ))),
        ("codas that are not there", score(&format!("{}{}", often(&measure("<sound tocoda=\"x\"/>"), size), measure("<sound dacapo=\"yes\"/>")))),
        ("signs that are not there", score(&often(&measure("<sound dalsegno=\"x\"/>"), size))),
        ("signs of one measure", in_bar(&often("<barline location=\"middle\"><repeat direction=\"forward\"/></barline><note><rest/><duration>1</duration></note>", size))),
        ("metres of one measure", in_bar(&often("<attributes><time><beats>1</beats><beat-type>128</beat-type></time></attributes><note><rest/><duration>1</duration></note>", size))),
        ("metres", score(&counted(size, |number| measure(&format!("<attributes><time><beats>{}</beats><beat-type>128</beat-type></time></attributes>{NOTE}", number % 255 + 1))))),
        ("terms of a metre", in_bar(&format!("<attributes><time><beats>{}1</beats><beat-type>4</beat-type></time></attributes>{NOTE}", often("0+", size)))),
        ("keys", in_bar(&often("<attributes><key><fifths>3</fifths></key></attributes>", size))),
        ("clefs", in_bar(&often("<attributes><clef><sign>G</sign></clef></attributes>", size))),
        ("tempos", in_bar(&counted(size, |number| format!("<sound tempo=\"{}\"/><forward><duration>1</duration></forward>", number % 200 + 20)))),
        ("chord symbols", in_bar(&often("<harmony><root><root-step>A</root-step></root><kind>major</kind></harmony><forward><duration>1</duration></forward>", size))),
        ("degrees of a chord", in_bar(&format!("<harmony><root><root-step>A</root-step></root><kind>major</kind>{}</harmony>{NOTE}", often("<degree><degree-value>9</degree-value></degree>", size)))),
        ("syllables", score(&often(&measure(&NOTE.replace("</note>", "<lyric><text>a</text></lyric></note>").repeat(4)), size))),
        ("verses", in_bar(&format!("{}{}</note>", NOTE.trim_end_matches("</note>"), counted(size, |number| format!("<lyric number=\"{number}\"><text>a</text></lyric>"))))),
        ("verses in many bars", score(&counted(size, |number| measure(&NOTE.replace("</note>", &format!("<lyric number=\"{}\"><text>a</text></lyric></note>", number % 255 + 1)))))),
        ("ornaments", in_bar(&format!("{}<notations><ornaments>{}</ornaments></notations></note>", NOTE.trim_end_matches("</note>"), often("<turn/>", size)))),
        ("ties", score(&often(&measure(&NOTE.replace("</note>", "<tie type=\"start\"/></note>").repeat(4)), size))),
        ("faults", in_bar(&often("<note/>", size))),
        ("instruments", format!(
            "<score-partwise><part-list><score-part id=\"P1\">{}</score-part></part-list><part id=\"P1\"><measure>{NOTE}</measure></part></score-partwise>",
            counted(size, |number| format!("<score-instrument id=\"{number}\"><instrument-name>a</instrument-name></score-instrument>"))
        ).into_bytes()),
        ("creators", format!(
            "<score-partwise><identification>{}</identification><part><measure>{NOTE}</measure></part></score-partwise>",
            often("<creator>a</creator>", size)
        ).into_bytes()),
        ("voices with names", in_bar(&counted(size, |number| NOTE.replace("</note>", &format!("<voice>v{number}</voice></note>"))))),
        ("zeroes", vec![0; size]),
        ("brackets", vec![b'<'; size]),
    ]
}

fn zip(name: &str, container: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (name, bytes) in [("META-INF/container.xml", container.as_bytes()), (name, content)] {
        archive.start_file(name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn container(path: &str) -> String {
    format!("<container><rootfiles><rootfile full-path=\"{path}\"/></rootfiles></container>")
}

/// Archives: the music in them is 60 times as large as asked.
fn packed(size: usize) -> Vec<(&'static str, Vec<u8>)> {
    let pack = |content: &[u8]| zip("a.xml", &container("a.xml"), content);
    let huge = 60 * size;
    let liar = |content: &[u8]| {
        let mut bytes = pack(content);
        // Every place that tells the unpacked size says 1.
        let told = (content.len() as u32).to_le_bytes();
        let places: Vec<usize> =
            bytes.windows(4).enumerate().filter(|(_, window)| *window == told).map(|(at, _)| at).collect();
        for at in places {
            bytes[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
        }
        bytes
    };
    let mut members = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..(size / 120).min(60_000) {
        members
            .start_file(
                format!("{number}"),
                SimpleFileOptions::default().last_modified_time(zip::DateTime::default()),
            )
            .unwrap();
    }
    let notes = score(&often(&measure(&NOTE.repeat(4)), huge));
    let short = score(&measure(&often("<note><unpitched/></note>", huge)));
    vec![
        ("packed spaces", pack(often(" ", huge).as_bytes())),
        ("packed spaces in a score", pack(&score(&often(" ", huge)))),
        ("packed notes", pack(&notes)),
        ("packed short notes", pack(&short)),
        ("packed notes that lie", liar(&notes)),
        ("packed measures", pack(&score(&often("<measure/>", huge)))),
        ("packed title", pack(format!("<score-partwise><movement-title>{}</movement-title><part><measure>{NOTE}</measure></part></score-partwise>", often("a", huge)).as_bytes())),
        ("packed words in a repeat", pack(&score(&format!("{}{}", measure(&format!("<direction><direction-type><words>{}</words></direction-type></direction><barline><repeat direction=\"backward\" times=\"255\"/></barline>", often("a ", huge))), "<measure/>".repeat(200))))),
        ("a packed container", zip("a.xml", &container(&often("a", huge)), &notes[..200])),
        ("a climbing container", zip("../../../etc/a.xml", &container("../../../etc/a.xml"), &score(&measure(NOTE)))),
        ("a container of elsewhere", zip("a.xml", &container("/etc/passwd"), &score(&measure(NOTE)))),
        ("members", members.finish().unwrap().into_inner()),
        ("an archive in an archive", pack(&pack(&pack(&notes)))),
        ("the end of an archive", [b"PK\x05\x06".as_slice(), &[0xFF; 18]].concat()),
    ]
}

#[allow(
    clippy::too_many_lines,
    clippy::format_collect,
    reason = "it is a list, and as long as what can go wrong"
)]
fn kern(size: usize) -> Vec<(&'static str, String)> {
    let (half, quarter) = (size / 2, size / 4);
    let spines = |count: usize, lines: &str| format!("{}\n{lines}", vec!["**kern"; count].join("\t"));
    let wide = |token: &str| format!("{}\n", vec![token; 300].join("\t"));
    let splits: String =
        (1..400).map(|count| format!("{}\n", vec!["*^"; count.min(300)].join("\t"))).collect();
    let labels = counted(quarter, |number| format!("*>{number}\n4a\n=\n"));
    let sections =
        |count: usize| (0..count).map(|number| format!("*>S{number}\n4a\n=\n")).collect::<String>();
    vec![
        ("splits", spines(1, &format!("{splits}{}", often("4a\n", size)))),
        ("ten thousand splits", spines(1, &often("*^\n", size))),
        ("splits and joins", spines(1, &often("*^\n*v\t*v\n", size))),
        ("added spines", spines(1, &often("*+\n**kern\n", size))),
        ("exchanges", spines(300, &often(&wide("*x"), size))),
        ("short lines", spines(300, &often("4a\n", size))),
        ("short lines without lengths", spines(300, &often("a\n", size))),
        ("long lines", spines(1, &often("4a\t", size))),
        ("chords", spines(1, &format!("{}\n", often("4a ", size)))),
        ("chords of letters", spines(1, &format!("4{}\n", often("a ", size)))),
        ("lines of chords", spines(1, &often("4a b c d e f g A B C D E F G\n", size))),
        ("one token", spines(1, &format!("4{}\n", often("a", size)))),
        ("digits", spines(1, &format!("{}a\n", often("9", size)))),
        ("dots", spines(1, &format!("4{}a\n", often(".", size)))),
        ("accidentals", spines(1, &format!("4a{}\n", often("#", size)))),
        ("articulations", spines(1, &format!("4a{}\n", often("':;", size)))),
        ("grace notes", spines(1, &format!("{}4a\n", often("aq\n", size)))),
        ("long notes", spines(1, &often("000000a\n", size))),
        (
            "long notes over many bars",
            spines(
                300,
                &format!(
                    "{}{}",
                    wide("000000a"),
                    counted(size, |_| "=\n".to_owned() + &vec!["."; 299].join("\t") + "\t256r\n")
                ),
            ),
        ),
        (
            "a long note over bars in short lines",
            spines(
                300,
                &format!(
                    "{}{}",
                    vec!["*"; 300].join("\t"),
                    format!("\n256r\t{}\n", vec!["000000a"; 299].join("\t")) + &often("=\n256r\n", size)
                ),
            ),
        ),
        ("bars by the metre", spines(2, &format!("*M1/128\t*M1/128\n{}", often("000000a\t.\n", size)))),
        ("bars", spines(1, &often("=\n4r\n", size))),
        ("bars without music", spines(1, &often("=\n", size))),
        ("repeated bars", spines(1, &often("=:|!|:\n4a\n", size))),
        ("repeated bars of many spines", spines(300, &often("=:|!|:\n4a\n", size))),
        (
            "music in one repeated bar",
            spines(1, &format!("{}=:|!\n{}", often("4a\n", size), "4a\n=\n".repeat(200))),
        ),
        (
            "labels",
            spines(
                1,
                &format!(
                    "*>[{}]\n{labels}",
                    (0..quarter / 10).map(|number| number.to_string()).collect::<Vec<_>>().join(",")
                ),
            ),
        ),
        ("an order", spines(1, &format!("*>[{}]\n*>A\n4a\n=\n*>B\n4b\n==\n", often("A,B,", size)))),
        (
            "an order of sections",
            spines(
                1,
                &format!(
                    "*>[{}]\n{}",
                    counted(size, |number| format!("S{},", number * 7919 % 900)),
                    sections(900)
                ),
            ),
        ),
        ("labels over and over", spines(1, &often("*>A\n4a\n=\n", size))),
        ("words", format!("**kern\t**text\n{}", often("4a\ta\n", size))),
        (
            "spines of words",
            format!(
                "**kern{}\n{}",
                "\t**text".repeat(299),
                counted(size, |_| format!("4a{}\n", "\ta".repeat(299)))
            ),
        ),
        ("dynamics", format!("**kern\t**dynam\n{}", often("4a\tf\n", size))),
        ("chord symbols", format!("**kern\t**mxhm\n{}", often("4a\tC major\n", size))),
        ("tempos", spines(1, &counted(size, |number| format!("*MM{}\n4a\n", number % 200 + 20)))),
        ("metres", spines(1, &counted(size, |number| format!("*M{}/4\n4a\n", number % 20 + 1)))),
        ("keys", spines(1, &often("*k[f#]\n4a\n*k[]\n4a\n", size))),
        ("clefs", spines(1, &often("*clefG2\n4a\n", size))),
        ("ties", spines(1, &format!("[4a\n{}", often("_4a\n", size)))),
        ("ties that never end", spines(1, &often("[4a\n", size))),
        ("tuplets", spines(1, &counted(size, |number| format!("{}a\n", 999_983 - number % 500_000)))),
        ("odd tuplets", spines(1, &counted(size, |number| format!("{}a\n=\n", 2 * (number % 5_000) + 3)))),
        ("a title", spines(1, &format!("!!!OTL: {}\n4a\n", often("long ", half)))),
        ("owners", spines(1, &format!("{}4a\n", often("!!!YEC: a\n", size)))),
        ("faults", spines(1, &often("x\n", size))),
        ("pieces", often("**kern\n4a\n*-\n", size)),
        ("pieces of many spines", counted(size, |_| spines(100, "4a\n*-\n"))),
        ("tabs", spines(1, &often("\t", size))),
        ("line ends", spines(1, &often("\n", size))),
    ]
}
