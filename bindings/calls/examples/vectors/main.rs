//! Prints one file of `bindings/vectors`: cases that every language has to answer with the same bytes.
//!
//! Keys and clock are fixed, so the same program prints the same file. What each case is about stands in its name, and
//! what it has to come to stands beside it here, where that can be said in a word: the file is printed only when it does.

#![expect(clippy::print_stdout, reason = "the file is what this program prints")]

mod case;
mod errors;
mod prompts;
mod slugs;
mod sse;
mod tokens;

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let file = match name.as_str() {
        "tokens" => tokens::file(),
        "slugs" => slugs::file(),
        "prompts" => prompts::file(),
        "sse" => sse::file(),
        "errors" => errors::file(),
        _ => panic!("one of tokens, slugs, prompts, sse and errors, and not `{name}`"),
    };
    print!("{file}");
}
