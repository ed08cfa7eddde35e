//! One file per command. A command gets what it works with and its arguments, and prints through the printer.

pub(crate) mod answer;
pub(crate) mod asking;
pub(crate) mod dev;
pub(crate) mod ledger;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod ls;
pub(crate) mod publish;
pub(crate) mod query;
pub(crate) mod space;
pub(crate) mod trace;
pub(crate) mod whoami;
