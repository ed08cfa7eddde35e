//! A trace as lines: one bar for each part of the answer, all on one scale of time.
//!
//! What is drawn depends on the arguments alone.

use std::time::Duration;

use console::{Style, measure_text_width, pad_str, truncate_str};

use super::state::{Generation, Row, Trace};

/// Whether the lines may carry colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Colors,
}

/// How a part of the answer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Waiting,
    Well,
    Failed,
}

/// One part of the answer before it is drawn.
struct Part {
    label: String,
    standing: Standing,
    /// Where its bar begins, where solid follows hollow, and where it ends.
    from: Duration,
    solid_from: Duration,
    to: Duration,
    note: String,
}

const LABEL: usize = 24;
const TIME: usize = 9;
const LEAST_BAR: usize = 8;
const MOST_BAR: usize = 60;

/// The lines of `trace` at the moment `now`, none wider than `width` columns.
pub(super) fn lines(trace: &Trace, now: Duration, width: usize, paint: Paint) -> Vec<String> {
    let now = if trace.is_over() { trace.ended_at() } else { now };
    let scale = if trace.is_over() { now } else { step_above(now) };
    let parts = parts(trace, now);
    let label = parts.iter().map(|part| measure_text_width(&part.label)).max().unwrap_or(0);
    let label = label.clamp("total".len(), LABEL);
    let bar = (width.saturating_sub(label + TIME + 4) * 4 / 10).clamp(LEAST_BAR, MOST_BAR);
    let mut lines: Vec<String> =
        parts.iter().map(|part| line(part, (label, bar), scale, paint)).collect();
    lines.push(total(trace, now, (label, bar), scale));
    lines.into_iter().map(|line| truncate_str(&line, width, "…").into_owned()).collect()
}

fn parts(trace: &Trace, now: Duration) -> Vec<Part> {
    let opened = trace.opened.unwrap_or(now);
    let hub = Part {
        label: "hub".to_owned(),
        standing: if trace.opened.is_some() { Standing::Well } else { unfinished(trace) },
        from: Duration::ZERO,
        solid_from: Duration::ZERO,
        to: opened,
        note: "addresses and tokens".to_owned(),
    };
    let mut parts = vec![hub];
    if trace.opened.is_some() {
        parts.extend(trace.sources.iter().map(|row| source(trace, row, opened, now)));
    }
    if let Some(ranking) = trace.ranking {
        let kept = ranking.kept.map(|kept| format!("{kept} of ")).unwrap_or_default();
        parts.push(Part {
            label: "ranking".to_owned(),
            standing: if ranking.ended.is_some() { Standing::Well } else { unfinished(trace) },
            from: ranking.started,
            solid_from: ranking.started,
            to: ranking.ended.unwrap_or(now),
            note: format!("{kept}{}", documents(ranking.given)),
        });
    }
    if let Some(generation) = trace.generation {
        parts.push(model(trace, generation, now));
    }
    parts
}

/// How a part stands that has not come to its end.
fn unfinished(trace: &Trace) -> Standing {
    if trace.is_over() { Standing::Failed } else { Standing::Waiting }
}

fn source(trace: &Trace, row: &Row, opened: Duration, now: Duration) -> Part {
    let (to, standing, note) = match &row.fate {
        None => (now, unfinished(trace), "waiting".to_owned()),
        Some((at, fate)) if fate.status == "success" => {
            let cost = fate.cost.map(|cost| match &fate.currency {
                Some(currency) => format!(", {cost} {currency}"),
                None => format!(", paid {cost}"),
            });
            (*at, Standing::Well, documents(fate.documents) + &cost.unwrap_or_default())
        }
        Some((at, fate)) => {
            let why = fate.error_message.as_ref().map(|why| format!(": {why}"));
            let note = fate.status.replace('_', " ") + &why.unwrap_or_default();
            (*at, Standing::Failed, note)
        }
    };
    Part { label: row.path.clone(), standing, from: opened, solid_from: opened, to, note }
}

fn model(trace: &Trace, generation: Generation, now: Duration) -> Part {
    let mut notes = Vec::new();
    if let Some(first) = generation.first {
        notes.push(format!("first word {}", span(first.saturating_sub(generation.started))));
    }
    match trace.tokens() {
        Some((tokens, Some(pace))) => notes.push(format!("{tokens} tokens, {pace:.0}/s")),
        Some((tokens, None)) => notes.push(format!("{tokens} tokens")),
        None if generation.pieces > 1 => notes.push(format!("{} pieces", generation.pieces)),
        None => {}
    }
    let standing = match trace.failure() {
        Some(_) => Standing::Failed,
        None if trace.is_over() => Standing::Well,
        None => Standing::Waiting,
    };
    if notes.is_empty() {
        let note = if standing == Standing::Waiting { "thinking" } else { "no word" };
        notes.push(note.to_owned());
    }
    Part {
        label: trace.model.clone().unwrap_or_else(|| "model".to_owned()),
        standing,
        from: generation.started,
        solid_from: generation.first.unwrap_or(now),
        to: now,
        note: notes.join(", "),
    }
}

fn line(part: &Part, (label, bar): (usize, usize), scale: Duration, paint: Paint) -> String {
    let style = match part.standing {
        Standing::Waiting => Style::new().cyan(),
        Standing::Well => Style::new().green(),
        Standing::Failed => Style::new().red(),
    };
    let style = style.force_styling(paint == Paint::Colors);
    let drawn = style.apply_to(drawn(part, scale, bar)).to_string();
    let name = truncate_str(&part.label, label, "…");
    let name = pad_str(&name, label, console::Alignment::Left, None).into_owned();
    let took = span(part.to.saturating_sub(part.from));
    let mark = match part.standing {
        Standing::Waiting => ' ',
        Standing::Well => '✓',
        Standing::Failed => '✗',
    };
    let mark = style.apply_to(mark).to_string();
    format!("{name} {drawn}{took:>TIME$} {mark} {}", one_line(&part.note))
}

/// The bar, in exactly `columns` columns: at least one where something happened, hollow while nothing came of it.
fn drawn(part: &Part, scale: Duration, columns: usize) -> String {
    let column = |at: Duration| {
        let share = at.as_secs_f64() / scale.as_secs_f64().max(f64::MIN_POSITIVE);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of at most 1 of a few columns"
        )]
        let column = (share.clamp(0.0, 1.0) * columns as f64).round() as usize;
        column
    };
    let from = column(part.from).min(columns - 1);
    let to = column(part.to).max(from + 1);
    let solid = column(part.solid_from).clamp(from, to);
    [(" ", from), ("░", solid - from), ("█", to - solid), (" ", columns - to)]
        .map(|(text, times)| text.repeat(times))
        .concat()
}

fn total(trace: &Trace, now: Duration, (label, bar): (usize, usize), scale: Duration) -> String {
    let name = pad_str("total", label, console::Alignment::Left, None).into_owned();
    let axis = if trace.is_over() { String::new() } else { format!("0 … {}", span(scale)) };
    let note = match trace.failure() {
        Some(failure) => format!(" ✗ {}", one_line(failure)),
        None => String::new(),
    };
    let axis = pad_str(&axis, bar, console::Alignment::Right, None).into_owned();
    format!("{name} {axis}{:>TIME$}{note}", span(now))
}

fn documents(n: u64) -> String {
    if n == 1 { "1 document".to_owned() } else { format!("{n} documents") }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A span of time in three digits or so.
pub(super) fn span(span: Duration) -> String {
    let ms = span.as_millis();
    if ms < 1000 {
        format!("{ms} ms")
    } else if ms < 60_000 {
        format!("{:.2} s", span.as_secs_f64())
    } else {
        format!("{} min {:02} s", ms / 60_000, ms / 1000 % 60)
    }
}

/// The least of 200 ms, 500 ms, 1 s, 2 s, 5 s, 10 s and so on that is above `now`: a bar grows for a while before the
/// scale changes.
fn step_above(now: Duration) -> Duration {
    let mut decade = Duration::from_millis(100);
    loop {
        let step = [2, 5, 10].map(|times| decade * times).into_iter().find(|step| *step > now);
        match step {
            Some(step) => return step,
            None => decade *= 10,
        }
    }
}

#[cfg(test)]
mod tests;
