//! The vectors that every language answers: here Rust does. `bindings/python/tests` and `bindings/typescript/test` have
//! the same test.

use serde_json::Value;
use syfthub_calls::pure;

const FILES: [(&str, &str); 5] = [
    ("tokens", include_str!("../../vectors/tokens.json")),
    ("slugs", include_str!("../../vectors/slugs.json")),
    ("prompts", include_str!("../../vectors/prompts.json")),
    ("sse", include_str!("../../vectors/sse.json")),
    ("errors", include_str!("../../vectors/errors.json")),
];

#[test]
fn every_vector_is_answered_byte_for_byte() {
    for (file, text) in FILES {
        let vectors: Value = serde_json::from_str(text).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        assert!(!cases.is_empty(), "{file}");
        for case in cases {
            let operation = case["operation"].as_str().unwrap();
            let told = pure::run(operation, &case["arguments"].to_string()).unwrap();
            assert_eq!(Some(told.as_str()), case["expected"].as_str(), "{file}: {}", case["name"]);
        }
    }
}
