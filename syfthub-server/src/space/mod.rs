//! The space: documents and models of one owner, searched and answered from behind endpoints.

mod chunk;
mod ids;
mod index;
mod ingest;
mod parse;
mod text;
