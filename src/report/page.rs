//! A text in the making: lines, and sections with a label on the left.

use super::{Style, words};

/// Where a section's text starts.
pub(super) const INDENT: usize = 10;

/// A text in the making.
pub(super) struct Page<'a> {
    pub out: String,
    pub style: &'a Style,
}

impl Page<'_> {
    pub fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// Lines under a label.
    pub fn unbroken(&mut self, label: &str, lines: &[String]) {
        for (i, line) in lines.iter().enumerate() {
            let label = if i == 0 { label } else { "" };
            let gap = " ".repeat((INDENT - 2).saturating_sub(label.chars().count()));
            self.line(&format!("  {}{gap}{line}", self.style.faint.paint(label)));
        }
    }

    /// Sentences under a label, each wrapped.
    pub fn prose(&mut self, label: &str, sentences: &[String]) {
        let width = self.style.width.saturating_sub(INDENT).max(40);
        let lines: Vec<String> =
            sentences.iter().flat_map(|sentence| words::wrap(sentence, width)).collect();
        self.unbroken(label, &lines);
    }
}
