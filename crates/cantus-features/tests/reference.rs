//! The pages that the catalogue makes are those of the catalogue.

const HELP: &str = "the catalogue has changed: cargo run -p cantus-features --example reference";

#[test]
fn the_reference_is_what_the_catalogue_says() {
    assert_eq!(cantus_features::document(), include_str!("../../../docs/reference/features.md"), "{HELP}");
    assert_eq!(
        cantus_features::schema(),
        include_str!("../../../docs/reference/features.schema.json"),
        "{HELP}"
    );
}

#[test]
fn the_schema_is_json_and_names_every_row_where_it_is_told() {
    let schema: serde_json::Value = serde_json::from_str(&cantus_features::schema()).unwrap();
    for descriptor in
        cantus_features::CATALOGUE.iter().filter(|row| row.origin() == cantus_features::Origin::Score)
    {
        for (kind, expected) in [("piece", descriptor.is_of_pieces()), ("bar", descriptor.is_of_bars())] {
            let found = &schema["$defs"][kind]["properties"][descriptor.name];
            assert_eq!(found.is_object(), expected, "{kind} {}", descriptor.name);
        }
    }
    for descriptor in
        cantus_features::CATALOGUE.iter().filter(|row| row.origin() == cantus_features::Origin::Sound)
    {
        let named = matches!(descriptor.measure, cantus_features::Measure::Names(_));
        let whole = descriptor.level == cantus_features::Level::Piece;
        for (kind, expected) in [("sound", whole), ("frames", !whole && !named)] {
            let found = &schema["$defs"][kind]["properties"][descriptor.name];
            assert_eq!(found.is_object(), expected, "{kind} {}", descriptor.name);
        }
    }
}
