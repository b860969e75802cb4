//! How a text looks. The library knows no terminal: whoever prints says what to put around words.

/// What stands before and after a word to make it look a certain way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    /// Before the word.
    pub on: String,
    /// After it.
    pub off: String,
}

/// How a text looks. The default is plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// What passes.
    pub good: Paint,
    /// What fails.
    pub bad: Paint,
    /// What is not certain.
    pub doubtful: Paint,
    /// What the eye should find first.
    pub strong: Paint,
    /// What it may skip.
    pub faint: Paint,
    /// Prose is wrapped at this column.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        let plain = Paint::default;
        Self {
            good: plain(),
            bad: plain(),
            doubtful: plain(),
            strong: plain(),
            faint: plain(),
            width: 100,
        }
    }
}

impl Paint {
    /// The text, painted.
    #[must_use]
    pub fn paint(&self, text: &str) -> String {
        match text.is_empty() {
            true => String::new(),
            false => format!("{}{text}{}", self.on, self.off),
        }
    }
}
