//! The bytes of a value: numbers as few bytes as they need, each text once.

use std::collections::HashMap;
use std::sync::Arc;

/// What is read back is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// Something that can be written as bytes and read back.
pub(super) trait Stored: Sized {
    /// Writes it.
    fn put(&self, to: &mut Writer);
    /// Reads it.
    fn take(from: &mut Reader<'_>) -> Result<Self, Broken>;
}

/// Bytes being written.
#[derive(Default)]
pub(super) struct Writer {
    pub bytes: Vec<u8>,
    /// The shared texts written so far, by their number. Only asked, never listed.
    texts: HashMap<Arc<str>, u64>,
}

impl Writer {
    /// One byte.
    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// A number, seven bits a byte.
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// How many follow.
    pub fn count(&mut self, count: usize) {
        self.number(u64::try_from(count).unwrap_or(u64::MAX));
    }

    /// A text that is its owner's alone.
    pub fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A text that others share: nought and the text, or the number of the one that was written.
    pub fn shared(&mut self, text: &Arc<str>) {
        if let Some(known) = self.texts.get(text) {
            let known = *known;
            return self.number(known);
        }
        let number = u64::try_from(self.texts.len()).unwrap_or(u64::MAX).saturating_add(1);
        self.texts.insert(Arc::clone(text), number);
        self.number(0);
        self.text(text);
    }
}

/// Bytes being read, from their beginning.
pub(super) struct Reader<'b> {
    left: &'b [u8],
    texts: Vec<Arc<str>>,
}

impl<'b> Reader<'b> {
    /// A reader of all of these.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { left: bytes, texts: Vec::new() }
    }

    /// Whether everything was read.
    pub fn is_done(&self) -> bool {
        self.left.is_empty()
    }

    /// As many bytes.
    pub fn bytes(&mut self, count: usize) -> Result<&'b [u8], Broken> {
        let (bytes, left) = self.left.split_at_checked(count).ok_or(Broken)?;
        self.left = left;
        Ok(bytes)
    }

    /// As many bytes as there are places.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let (bytes, left) = self.left.split_first_chunk().ok_or(Broken)?;
        self.left = left;
        Ok(*bytes)
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, Broken> {
        let (byte, left) = self.left.split_first().ok_or(Broken)?;
        self.left = left;
        Ok(*byte)
    }

    /// A number.
    pub fn number(&mut self) -> Result<u64, Broken> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has room for one bit.
            if shift == 63 && bits > 1 {
                return Err(Broken);
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Broken)
    }

    /// How many follow: each takes a byte at least, so there are not more than bytes.
    pub fn count(&mut self) -> Result<usize, Broken> {
        let count = usize::try_from(self.number()?).map_err(|_| Broken)?;
        if count > self.left.len() { Err(Broken) } else { Ok(count) }
    }

    /// A text.
    pub fn text(&mut self) -> Result<&'b str, Broken> {
        let length = self.count()?;
        std::str::from_utf8(self.bytes(length)?).map_err(|_| Broken)
    }

    /// A text that others share.
    pub fn shared(&mut self) -> Result<Arc<str>, Broken> {
        match self.number()?.checked_sub(1) {
            Some(known) => {
                let known = usize::try_from(known).map_err(|_| Broken)?;
                self.texts.get(known).cloned().ok_or(Broken)
            }
            None => {
                let text: Arc<str> = Arc::from(self.text()?);
                self.texts.push(Arc::clone(&text));
                Ok(text)
            }
        }
    }
}

/// A sum over bytes that no change within one word of eight keeps: each word is mixed in so that
/// different words, and different sums before, make different sums.
pub(super) fn sum(bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |sum: u64, word: u64| (sum.rotate_left(23) ^ word).wrapping_mul(ODD);
    let (groups, rest) = bytes.as_chunks::<32>();
    let mut lanes = [1u64, 2, 3, 4];
    for group in groups {
        let (words, _) = group.as_chunks::<8>();
        for (lane, word) in lanes.iter_mut().zip(words) {
            *lane = mix(*lane, u64::from_le_bytes(*word));
        }
    }
    let mut sum = lanes.into_iter().fold(bytes.len() as u64, mix);
    for chunk in rest.chunks(8) {
        let mut word = [0; 8];
        for (to, from) in word.iter_mut().zip(chunk) {
            *to = *from;
        }
        sum = mix(sum, u64::from_le_bytes(word));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_changed_byte_changes_the_sum(
            bytes in proptest::collection::vec(any::<u8>(), 1..200),
            place in any::<proptest::sample::Index>(),
            flip in 1u8..,
        ) {
            let mut changed = bytes.clone();
            changed[place.index(bytes.len())] ^= flip;
            prop_assert_ne!(sum(&bytes), sum(&changed));
        }

        #[test]
        fn a_number_is_read_back(number in any::<u64>()) {
            let mut to = Writer::default();
            to.number(number);
            prop_assert_eq!(Reader::new(&to.bytes).number(), Ok(number));
        }
    }

    #[test]
    fn a_length_beyond_the_bytes_is_refused_before_room_is_made() {
        let mut to = Writer::default();
        to.number(1 << 60);
        assert_eq!(Vec::<u64>::take(&mut Reader::new(&to.bytes)), Err(Broken));
        assert_eq!(String::take(&mut Reader::new(&to.bytes)), Err(Broken));
        assert_eq!(Reader::new(&[0xff; 10]).number(), Err(Broken), "more than 64 bits");
    }
}
