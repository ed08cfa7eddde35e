//! Statuses and bodies, usual and odd, and the errors that they stand for.

use serde_json::json;

use crate::case::{self, Case};

/// A status, and the exception for it.
const STATUSES: &[(u16, &str)] = &[
    (301, "ProtocolError"),
    (400, "ValidationError"),
    (401, "AuthenticationError"),
    (402, "ValidationError"),
    (403, "AuthorizationError"),
    (404, "NotFoundError"),
    (405, "ValidationError"),
    (408, "DeadlineError"),
    (409, "ConflictError"),
    (410, "ValidationError"),
    (413, "ValidationError"),
    (418, "ValidationError"),
    (422, "ValidationError"),
    (429, "RateLimitedError"),
    (499, "ValidationError"),
    (500, "ServerError"),
    (502, "ServerError"),
    (503, "ServerError"),
    (504, "DeadlineError"),
    (599, "ServerError"),
    (600, "ProtocolError"),
    (999, "ProtocolError"),
];

/// What a body is, its status, the body, what is told, and the code.
const BODIES: &[(&str, u16, &str, &str, Option<&str>)] = &[
    ("text in detail", 404, r#"{"detail":"Endpoint not found"}"#, "Endpoint not found", None),
    (
        "a user who exists",
        409,
        r#"{"detail":{"code":"USER_ALREADY_EXISTS","message":"taken","field":"email"}}"#,
        "taken",
        Some("USER_ALREADY_EXISTS"),
    ),
    (
        "a code without a message",
        409,
        r#"{"detail":{"code":"SLUG_TAKEN"}}"#,
        "SLUG_TAKEN",
        Some("SLUG_TAKEN"),
    ),
    (
        "a word for programs inside detail",
        400,
        r#"{"detail":{"error":"audience_not_found","message":"no such user"}}"#,
        "no such user",
        Some("audience_not_found"),
    ),
    (
        "a word for programs beside detail",
        400,
        r#"{"detail":"Generation failed: no","error":"generation_failed"}"#,
        "Generation failed: no",
        Some("generation_failed"),
    ),
    ("a code that is a number", 400, r#"{"detail":{"code":7,"message":"seven"}}"#, "seven", None),
    (
        "a detail that says nothing by name",
        400,
        r#"{"detail":{"why":[1,2.0,null]}}"#,
        r#"{"why":[1,2.0,null]}"#,
        None,
    ),
    (
        "one refused field",
        422,
        r#"{"detail":[{"type":"missing","loc":["body","name"],"msg":"Field required","input":null}]}"#,
        "name: Field required",
        None,
    ),
    (
        "several refused fields",
        422,
        r#"{"detail":[{"loc":["body","connect",0,"type"],"msg":"not a type"},{"loc":["query","limit"],"msg":"at most 100"}]}"#,
        "connect.0.type: not a type; limit: at most 100",
        None,
    ),
    (
        "a refused body without a field",
        422,
        r#"{"detail":[{"loc":["body"],"msg":"no JSON"},{"msg":"nowhere"}]}"#,
        "no JSON; nowhere",
        None,
    ),
    (
        "refused fields that say no reason",
        422,
        r#"{"detail":[{"loc":["body","a"]},7,"text"]}"#,
        "the server answered 422 Unprocessable Entity",
        None,
    ),
    (
        "no refused field",
        422,
        r#"{"detail":[]}"#,
        "the server answered 422 Unprocessable Entity",
        None,
    ),
    (
        "a detail of null beside a message",
        500,
        r#"{"detail":null,"message":"m","error":"e"}"#,
        "m",
        Some("e"),
    ),
    ("a message alone", 500, r#"{"message":"m"}"#, "m", None),
    ("an error alone", 500, r#"{"error":"boom","code":"X"}"#, "boom", None),
    ("an error in depth", 500, r#"{"error":{"message":"deep","code":"D"}}"#, "deep", Some("D")),
    (
        "a detail that is a number",
        500,
        r#"{"detail":7}"#,
        "the server answered 500 Internal Server Error",
        None,
    ),
    ("a detail that is empty text", 500, r#"{"detail":""}"#, "", None),
    (
        "a problem of RFC 9457",
        403,
        r#"{"type":"https://example.org/credit","title":"No credit","status":403,"detail":"Your balance is 30.","instance":"/a/1"}"#,
        "Your balance is 30.",
        None,
    ),
    (
        "a problem of RFC 9457 without detail",
        403,
        r#"{"type":"about:blank","title":"Forbidden","status":403}"#,
        "the server answered 403 Forbidden",
        None,
    ),
    (
        "a refusal of RFC 6749",
        400,
        r#"{"error":"invalid_grant","error_description":"the code is used up"}"#,
        "invalid_grant",
        None,
    ),
    (
        "a page of a proxy",
        502,
        "<html>\r\n<head><title>502 Bad Gateway</title></head></html>\r\n",
        "the server answered 502 Bad Gateway",
        None,
    ),
    ("nothing at all", 503, "", "the server answered 503 Service Unavailable", None),
    ("a list", 500, "[]", "the server answered 500 Internal Server Error", None),
    ("text", 500, "\"detail\"", "the server answered 500 Internal Server Error", None),
    (
        "JSON that ends too early",
        500,
        r#"{"detail":"Endp"#,
        "the server answered 500 Internal Server Error",
        None,
    ),
    (
        "JSON behind a byte order mark",
        500,
        "\u{feff}{\"detail\":\"x\"}",
        "the server answered 500 Internal Server Error",
        None,
    ),
    (
        "JSON with something behind it",
        500,
        r#"{"detail":"x"} trailing"#,
        "the server answered 500 Internal Server Error",
        None,
    ),
    (
        "a detail that is given twice",
        500,
        r#"{"detail":"first","detail":"second"}"#,
        "second",
        None,
    ),
    (
        "half of a surrogate pair",
        500,
        r#"{"detail":"\ud83d"}"#,
        "the server answered 500 Internal Server Error",
        None,
    ),
    ("a surrogate pair", 500, r#"{"detail":"\ud83d\ude00"}"#, "\u{1f600}", None),
    (
        "separators of lines and paragraphs",
        400,
        "{\"detail\":\"a\u{2028}b\u{2029}c\u{85}d\"}",
        "a\u{2028}b\u{2029}c\u{85}d",
        None,
    ),
    (
        "line breaks and a null character",
        400,
        r#"{"detail":"a\r\nb\u0000c"}"#,
        "a\r\nb\u{0}c",
        None,
    ),
    ("a status that has no words", 499, r"{}", "the server answered 499", None),
    (
        "what a failed answer cost",
        400,
        r#"{"detail":"no","error":"generation_failed","billing":{"total_cost":0.25,"currency":"USD","entries":[]}}"#,
        "no",
        Some("generation_failed"),
    ),
    ("a bill that is none", 400, r#"{"detail":"no","billing":"much"}"#, "no", None),
    (
        "numbers at the edges",
        400,
        r#"{"detail":{"message":"n","n":[9007199254740993,18446744073709551615,-9223372036854775808,1e21,0.1,-0.0]}}"#,
        "n",
        None,
    ),
    (
        "a number beyond all bounds",
        400,
        r#"{"detail":{"message":"n","n":1e400}}"#,
        "the server answered 400 Bad Request",
        None,
    ),
];

/// The cases of errors.
pub(crate) fn file() -> String {
    let mut cases = Vec::new();
    for (status, class) in STATUSES {
        let body = json!({"detail": format!("said with {status}")}).to_string();
        let case = Case::new(
            &format!("status {status}"),
            "error.of",
            &json!({"status": status, "body": body}),
        );
        cases.push(case.raising(class));
    }
    for (name, status, body, message, code) in BODIES {
        let case = Case::new(name, "error.of", &json!({"status": status, "body": body}));
        let answer = case.answer();
        assert_eq!(answer["message"].as_str(), Some(*message), "{name}");
        assert_eq!(answer["code"].as_str(), *code, "{name}");
        let class = if *code == Some("USER_ALREADY_EXISTS") {
            "UserAlreadyExistsError"
        } else {
            class_of(*status)
        };
        cases.push(case.raising(class));
    }
    cases.push(nested());
    case::file(
        "Statuses and bodies of answers, the error each stands for, and the exception that is raised.",
        &cases,
    )
}

fn class_of(status: u16) -> &'static str {
    let class = STATUSES.iter().find(|(known, _)| *known == status).map(|(_, class)| *class);
    class.expect("every status of a body is one of those above")
}

/// A body that nests deeper than anybody reads.
fn nested() -> Case {
    let body = format!("{{\"detail\":{}{}}}", "[".repeat(200), "]".repeat(200));
    let case =
        Case::new("a body that nests too deep", "error.of", &json!({"status": 500, "body": body}));
    assert_eq!(case.answer()["detail"], json!(null));
    case.raising("ServerError")
}
