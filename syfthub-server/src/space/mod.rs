//! The space: documents and models of one owner, searched and answered from behind endpoints.

mod chunk;
mod index;
mod parse;
mod text;
