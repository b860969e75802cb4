//! The words of a command line, as a shell would make them (EVD-10).

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// A word of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The word; what cannot be expanded stands as it was written.
    pub text: String,
    /// How sure it is.
    pub sure: Sure,
    /// Whether an expansion in it may have made several words, or none.
    pub split: bool,
}

/// How sure a word or a variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sure {
    /// As it stands.
    Known,
    /// Unless the image sets a variable.
    Likely,
    /// Not known.
    Open,
}

impl Word {
    pub(super) fn known(text: &str) -> Self {
        Self { text: text.to_owned(), sure: Sure::Known, split: false }
    }
}

/// The environment of a container, as far as its definition states it.
pub(super) type Environment = BTreeMap<String, Option<String>>;

/// A command, and what stands between it and the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// Assignments in front of it: for it alone.
    pub assigned: Vec<(String, Word)>,
    /// Its words.
    pub words: Vec<Word>,
    /// What ends it: `&&`, `||`, `;`, or nothing.
    pub end: &'static str,
}

/// The next commands of a script, one by one: what one exports, the next sees.
pub(super) struct Script<'a> {
    rest: Peekable<Chars<'a>>,
}

impl<'a> Script<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text.chars().peekable() }
    }

    /// The next command; `None` at the end.
    ///
    /// # Errors
    /// What is not followed, in words.
    pub(super) fn next(&mut self, environment: &Environment) -> Result<Option<Step>, String> {
        let mut step = Step { end: ";", ..Step::default() };
        loop {
            while self.rest.next_if(|&letter| letter == ' ' || letter == '\t').is_some() {}
            let Some(&letter) = self.rest.peek() else { break };
            match letter {
                '#' => while self.rest.next_if(|&letter| letter != '\n').is_some() {},
                '\n' | ';' | '&' | '|' => {
                    step.end = self.operator()?;
                    if !step.words.is_empty() || !step.assigned.is_empty() {
                        return Ok(Some(step));
                    }
                }
                '(' | ')' | '{' | '}' | '`' => {
                    return Err(format!("its shell command uses `{letter}`"));
                }
                '<' | '>' => self.redirection(environment)?,
                '0'..='9' if self.is_redirection() => self.redirection(environment)?,
                _ => {
                    let word = self.word(environment)?;
                    match assignment(&word).filter(|_| step.words.is_empty()) {
                        Some(assigned) => step.assigned.push(assigned),
                        None => step.words.push(word),
                    }
                }
            }
        }
        let empty = step.words.is_empty() && step.assigned.is_empty();
        Ok((!empty).then_some(step))
    }

    fn operator(&mut self) -> Result<&'static str, String> {
        let first = self.rest.next();
        let twice = first.is_some() && self.rest.next_if_eq(&first.unwrap_or(' ')).is_some();
        match (first, twice) {
            (Some('&'), true) => Ok("&&"),
            (Some('|'), true) => Ok("||"),
            (Some('&'), false) => Err("its shell command runs something in the background".into()),
            (Some('|'), false) => Err("its shell command is a pipeline".into()),
            _ => Ok(";"),
        }
    }

    /// Whether digits stand before `<` or `>`.
    fn is_redirection(&self) -> bool {
        let mut ahead = self.rest.clone().skip_while(char::is_ascii_digit);
        matches!(ahead.next(), Some('<' | '>'))
    }

    /// `>file`, `2>&1`, `>> file`: where output goes does not change what listens.
    fn redirection(&mut self, environment: &Environment) -> Result<(), String> {
        while self.rest.next_if(char::is_ascii_digit).is_some() {}
        let first = self.rest.next();
        let again = self.rest.next_if(|&letter| letter == '>' || letter == '<');
        if first == Some('<') && again.is_some() {
            return Err("its shell command has a here-document".to_owned());
        }
        self.rest.next_if_eq(&'&');
        while self.rest.next_if_eq(&' ').is_some() {}
        self.word(environment).map(|_| ())
    }

    fn word(&mut self, environment: &Environment) -> Result<Word, String> {
        let mut word = Word::known("");
        while let Some(&letter) = self.rest.peek() {
            match letter {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
                '\'' => {
                    self.rest.next();
                    loop {
                        match self.rest.next() {
                            Some('\'') => break,
                            Some(letter) => word.text.push(letter),
                            None => return Err("its shell command has an open quote".to_owned()),
                        }
                    }
                }
                '"' => {
                    self.rest.next();
                    self.quoted(&mut word, environment)?;
                }
                '\\' => {
                    self.rest.next();
                    // A line that goes on.
                    match self.rest.next() {
                        Some('\n') if word.text.is_empty() => {
                            while self.rest.next_if(|letter| letter.is_whitespace()).is_some() {}
                        }
                        Some('\n') => break,
                        Some(letter) => word.text.push(letter),
                        None => {}
                    }
                }
                '$' => self.expand(&mut word, environment, true)?,
                '`' => return Err("its shell command runs another within".to_owned()),
                '*' | '?' | '[' if !word.text.starts_with('-') && letter != '[' => {
                    // A pattern of file names.
                    word.sure = Sure::Open;
                    word.text.push(letter);
                    self.rest.next();
                }
                _ => {
                    word.text.push(letter);
                    self.rest.next();
                }
            }
        }
        Ok(word)
    }

    fn quoted(&mut self, word: &mut Word, environment: &Environment) -> Result<(), String> {
        loop {
            match self.rest.peek() {
                Some('"') => {
                    self.rest.next();
                    return Ok(());
                }
                Some('$') => self.expand(word, environment, false)?,
                Some('`') => return Err("its shell command runs another within".to_owned()),
                Some('\\') => {
                    self.rest.next();
                    match self.rest.next() {
                        Some(letter @ ('"' | '\\' | '$' | '`')) => word.text.push(letter),
                        Some('\n') | None => {}
                        Some(letter) => word.text.extend(['\\', letter]),
                    }
                }
                Some(&letter) => {
                    word.text.push(letter);
                    self.rest.next();
                }
                None => return Err("its shell command has an open quote".to_owned()),
            }
        }
    }

    /// `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`.
    fn expand(
        &mut self,
        word: &mut Word,
        environment: &Environment,
        bare: bool,
    ) -> Result<(), String> {
        self.rest.next();
        let braces = self.rest.next_if_eq(&'{').is_some();
        let mut name = String::new();
        while let Some(letter) = self.rest.next_if(|l| l.is_ascii_alphanumeric() || *l == '_') {
            name.push(letter);
        }
        if name.is_empty() {
            return Err("its shell command has an expansion that is not followed".to_owned());
        }
        let mut default = None;
        if braces {
            let colon = self.rest.next_if_eq(&':').is_some();
            if self.rest.next_if_eq(&'-').is_some() {
                let mut text = String::new();
                while let Some(letter) = self.rest.next_if(|&letter| letter != '}') {
                    text.push(letter);
                }
                default = Some((text, colon));
            }
            if self.rest.next() != Some('}') || colon && default.is_none() {
                return Err(format!("how its shell command expands {name} is not followed"));
            }
        }
        let plain = |text: &str| !text.contains(['$', '`', '"', '\'', '\\']);
        let set = environment.get(&name);
        match (set, default) {
            (Some(Some(value)), default)
                if !value.is_empty() || !matches!(default, Some((_, true))) =>
            {
                word.text.push_str(value);
                word.split |= bare && value.chars().any(char::is_whitespace);
            }
            // The image may set it.
            (None | Some(Some(_)), Some((default, _))) if plain(&default) => {
                word.text.push_str(&default);
                word.split |= bare && default.chars().any(char::is_whitespace);
                if set.is_none() {
                    word.sure = word.sure.max(Sure::Likely);
                }
            }
            _ => {
                word.text.push_str(&format!("${name}"));
                word.split |= bare;
                word.sure = Sure::Open;
            }
        }
        Ok(())
    }
}

/// `NAME=value`
pub(super) fn assignment(word: &Word) -> Option<(String, Word)> {
    let (name, value) = word.text.split_once('=')?;
    let letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let fits = !name.is_empty()
        && name.chars().all(letter)
        && !name.starts_with(|first: char| first.is_ascii_digit());
    fits.then(|| (name.to_owned(), Word { text: value.to_owned(), ..word.clone() }))
}

#[cfg(test)]
mod tests {
    use super::{Environment, Script, Step, Sure};

    fn steps(text: &str) -> Result<Vec<Step>, String> {
        let values = [("PORT", Some("8080")), ("EMPTY", Some("")), ("SECRET", None)];
        let owned = |(name, value): (&str, Option<&str>)| (name.into(), value.map(str::to_owned));
        let environment: Environment = values.into_iter().map(owned).collect();
        let mut script = Script::new(text);
        let mut steps = Vec::new();
        while let Some(step) = script.next(&environment)? {
            steps.push(step);
        }
        Ok(steps)
    }

    fn words(text: &str) -> Vec<(String, Sure)> {
        let steps = steps(text).unwrap();
        steps[0].words.iter().map(|word| (word.text.clone(), word.sure)).collect()
    }

    // EVD-10
    #[test]
    fn words_are_quoted_and_expanded_as_a_shell_does() {
        let text = r#"a 'b $PORT' "c $PORT" d\ e "f\"" ${PORT}x ${EMPTY:-9} ${EMPTY-9}"#;
        let all: Vec<String> = words(text).into_iter().map(|(text, _)| text).collect();
        assert_eq!(all, ["a", "b $PORT", "c 8080", "d e", "f\"", "8080x", "9", ""]);
        assert!(words(text).iter().all(|(_, sure)| *sure == Sure::Known));
    }

    #[test]
    fn what_the_image_may_set_is_likely_at_most() {
        assert_eq!(words("a ${OTHER:-80}")[1], ("80".to_owned(), Sure::Likely));
        assert_eq!(words("a $OTHER")[1], ("$OTHER".to_owned(), Sure::Open));
        assert_eq!(words("a $SECRET")[1], ("$SECRET".to_owned(), Sure::Open));
        assert_eq!(words("a ${SECRET:-80}")[1].1, Sure::Open);
        assert_eq!(words("java -jar *.jar")[2].1, Sure::Open);
    }

    #[test]
    fn commands_end_where_a_shell_ends_them() {
        let text = "X=1 a b && c || d; e 2>&1 >> out.log # f\n g";
        let steps = steps(text).unwrap();
        let ends: Vec<_> = steps.iter().map(|step| (step.words.len(), step.end)).collect();
        assert_eq!(ends, [(2, "&&"), (1, "||"), (1, ";"), (1, ";"), (1, ";")]);
        assert_eq!(steps[0].assigned[0].0, "X");
    }

    #[test]
    fn what_is_not_followed_is_said() {
        for text in ["a &", "a | b", "(a)", "a `b`", "a $(b)", "a 'b", "a << EOF", "${A:?no}"] {
            assert!(steps(text).is_err(), "{text}");
        }
    }
}
