//! Lines on a terminal that replace each other. Whatever ends the drawing, the terminal is left as it was.

use std::fmt::Write as _;

use console::Term;

use crate::printer::Printer;

/// A drawing on standard error, which vanishes when this is dropped.
pub(super) struct Screen {
    term: Term,
    /// How many lines stand there.
    drawn: usize,
}

impl Screen {
    /// A screen, when a person watches and wants colours: the drawing needs a terminal that can move its cursor.
    pub(super) fn of(printer: &Printer) -> Option<Self> {
        let is_watched = printer.is_watched() && printer.width().is_some() && !printer.is_json();
        if !is_watched || !has_colors() {
            return None;
        }
        let term = Term::stderr();
        // A terminal that cannot hide its cursor shows it, which does no harm.
        term.hide_cursor().ok();
        Some(Self { term, drawn: 0 })
    }

    /// Replaces what stands there by `lines` for the width of the terminal; what does not fit its height is left out.
    pub(super) fn draw(&mut self, lines: impl FnOnce(usize) -> Vec<String>) {
        let (rows, columns) = self.term.size();
        // A line as wide as the terminal would wrap on some.
        let mut lines = lines(usize::from(columns).saturating_sub(1));
        lines.truncate(usize::from(rows).saturating_sub(1));
        let mut frame = self.back();
        for line in &lines {
            frame.push_str(line);
            frame.push_str("\x1b[K\n");
        }
        frame.push_str("\x1b[J");
        self.drawn = lines.len();
        // Nobody is told when the terminal has gone away.
        self.term.write_str(&frame).ok();
    }

    /// Moves to where the drawing began.
    fn back(&self) -> String {
        let mut codes = String::new();
        if self.drawn > 0 {
            write!(codes, "\x1b[{}F", self.drawn).expect("text can always be written to");
        }
        codes
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.term.write_str(&(self.back() + "\x1b[J")).ok();
        self.term.show_cursor().ok();
    }
}

/// Whether the terminal and its user want colours (`NO_COLOR`, `CLICOLOR`, `TERM`).
pub(super) fn has_colors() -> bool {
    console::colors_enabled()
}
