//! `syfthub space logs`: what the space did, from the file in its folder. It can be read while nothing runs.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;
use syfthub_server::telemetry::Journal;

use super::find;
use crate::args::{LogsArgs, Target};
use crate::context::Context;
use crate::failure::{Missing, advise};
use crate::printer::Printer;

/// Name of the file in the space's folder.
pub(super) const FILE: &str = "space.log";

/// Fields that stand elsewhere in a line for people, or tell them nothing.
const HIDDEN: [&str; 6] = ["timestamp", "level", "message", "target", "span", "spans"];

/// How often a file that is followed is looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// Shows the last lines, and with `--follow` those that come.
pub(super) async fn run(context: &Context, target: &Target, args: &LogsArgs) -> anyhow::Result<()> {
    let path = find::state_dir(context, target)?.join(FILE);
    let lines = usize::try_from(args.lines).unwrap_or(usize::MAX);
    let place = path.clone();
    let read = tokio::task::spawn_blocking(move || Tail::begin(place, lines)).await?;
    let (mut tail, last) = read.map_err(|error| unreadable(error, &path))?;
    show(&context.printer, &last)?;
    if !args.follow {
        return Ok(());
    }
    loop {
        tokio::time::sleep(PAUSE).await;
        let read = tokio::task::spawn_blocking(move || tail.more().map(|lines| (tail, lines)));
        let (next, lines) = read.await??;
        tail = next;
        show(&context.printer, &lines)?;
    }
}

fn unreadable(error: io::Error, path: &Path) -> anyhow::Error {
    if error.kind() == ErrorKind::NotFound {
        let missing = Missing(format!("no space has run here yet: there is no {}", path.display()));
        return advise(missing.into(), "syfthub space run");
    }
    anyhow::Error::new(error).context(format!("{} cannot be read", path.display()))
}

fn show(printer: &Printer, lines: &[String]) -> anyhow::Result<()> {
    for line in lines {
        if printer.is_json() {
            printer.line(line)?;
        } else {
            printer.line(for_people(line))?;
        }
    }
    Ok(())
}

/// The file, read up to its end.
struct Tail {
    path: PathBuf,
    reader: BufReader<File>,
    /// The beginning of a line that is still being written.
    part: String,
}

impl Tail {
    /// Opens the file and reads its last lines, and of the old one what is missing to that number. Blocks.
    fn begin(path: PathBuf, count: usize) -> io::Result<(Self, Vec<String>)> {
        let mut tail = Self::open(path)?;
        let mut last = VecDeque::new();
        keep_last(&mut last, tail.rest()?, count);
        if last.len() < count
            && let Ok(old) = File::open(Journal::old(&tail.path))
        {
            let mut all = VecDeque::new();
            let lines = BufReader::new(old).lines().collect::<io::Result<Vec<String>>>()?;
            keep_last(&mut all, lines, count - last.len());
            all.extend(last);
            last = all;
        }
        Ok((tail, last.into()))
    }

    fn open(path: PathBuf) -> io::Result<Self> {
        let reader = BufReader::new(File::open(&path)?);
        Ok(Self { path, reader, part: String::new() })
    }

    /// What was written since the last time, through a change of files. Blocks.
    fn more(&mut self) -> io::Result<Vec<String>> {
        let mut lines = self.rest()?;
        if self.was_turned_over() {
            lines.extend(self.rest()?);
            *self = Self::open(self.path.clone())?;
            lines.extend(self.rest()?);
        }
        Ok(lines)
    }

    /// Whole lines up to the end of the file.
    fn rest(&mut self) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        while self.reader.read_line(&mut self.part)? > 0 {
            if !self.part.ends_with('\n') {
                break;
            }
            lines.push(std::mem::take(&mut self.part).trim_end().to_owned());
        }
        Ok(lines)
    }

    #[cfg(unix)]
    fn was_turned_over(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let inode = |found: io::Result<std::fs::Metadata>| found.map(|found| found.ino()).ok();
        let there = inode(std::fs::metadata(&self.path));
        there.is_some() && there != inode(self.reader.get_ref().metadata())
    }

    #[cfg(not(unix))]
    fn was_turned_over(&self) -> bool {
        let length = |found: io::Result<std::fs::Metadata>| found.map(|found| found.len()).ok();
        length(std::fs::metadata(&self.path)) < length(self.reader.get_ref().metadata())
    }
}

fn keep_last(kept: &mut VecDeque<String>, lines: Vec<String>, count: usize) {
    let skipped = lines.len().saturating_sub(count);
    kept.extend(lines.into_iter().skip(skipped));
}

/// A line of JSON as one for people: when, how important, what, and the rest.
fn for_people(line: &str) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_str(line) else { return line.to_owned() };
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let (at, level, message) = (text("timestamp"), text("level"), text("message"));
    let at = at.get(..19).map(|at| at.replace('T', " ")).unwrap_or_default();
    let rest = fields
        .iter()
        .filter(|(name, _)| !HIDDEN.contains(&name.as_str()))
        .map(|(name, value)| match value {
            Value::String(value) => format!(" {name}={value}"),
            value => format!(" {name}={value}"),
        })
        .collect::<String>();
    format!("{at} {level:<5} {message}{rest}")
}

/// Where the log of the space in this folder stands, for messages.
pub(super) fn file(dir: &Path) -> anyhow::Result<PathBuf> {
    Ok(dir.canonicalize().with_context(|| dir.display().to_string())?.join(FILE))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::*;

    #[test]
    fn the_last_lines_come_from_the_old_file_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        fs::write(Journal::old(&path), "1\n2\n3\n").unwrap();
        fs::write(&path, "4\n5\n").unwrap();
        let (_, last) = Tail::begin(path.clone(), 3).unwrap();
        assert_eq!(last, ["3", "4", "5"]);
        let (_, last) = Tail::begin(path, 1).unwrap();
        assert_eq!(last, ["5"]);
    }

    #[test]
    fn a_file_is_followed_through_halves_of_lines_and_a_change_of_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let mut file = File::create(&path).unwrap();
        let (mut tail, last) = Tail::begin(path.clone(), 9).unwrap();
        assert!(last.is_empty());
        write!(file, "one\ntw").unwrap();
        assert_eq!(tail.more().unwrap(), ["one"]);
        writeln!(file, "o").unwrap();
        assert_eq!(tail.more().unwrap(), ["two"]);
        writeln!(file, "three").unwrap();
        fs::rename(&path, Journal::old(&path)).unwrap();
        fs::write(&path, "four\n").unwrap();
        assert_eq!(tail.more().unwrap(), ["three", "four"]);
    }

    #[test]
    fn people_see_when_how_important_and_what() {
        let line = r#"{"timestamp":"2026-11-20T19:00:01.5Z","level":"WARN","message":"left out","target":"syfthub_server","dataset":"notes","tries":2}"#;
        assert_eq!(for_people(line), "2026-11-20 19:00:01 WARN  left out dataset=notes tries=2");
        assert_eq!(for_people("not JSON"), "not JSON");
    }
}
