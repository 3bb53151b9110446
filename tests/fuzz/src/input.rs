//! Inputs of the targets that read a text: eight bytes of choices, then the text as it is, so that any page is a seed.

/// How many bytes of choices stand before a text.
pub(crate) const CHOICES: usize = 8;

/// A text and what is done with it.
pub(crate) struct Input<'d> {
    choices: [u8; CHOICES],
    pub(crate) text: &'d [u8],
}

impl<'d> Input<'d> {
    /// Reads an input; [`None`] if it is too short to hold choices.
    pub(crate) fn read(data: &'d [u8]) -> Option<Self> {
        let (choices, text) = data.split_first_chunk()?;
        Some(Self { choices: *choices, text })
    }

    /// The text, if it is UTF-8.
    pub(crate) fn str(&self) -> Option<&'d str> {
        std::str::from_utf8(self.text).ok()
    }

    /// The byte of choices at this index.
    pub(crate) fn choice(&self, index: usize) -> u8 {
        self.choices[index]
    }

    /// One of `all` by the first byte.
    pub(crate) fn choose<T: Copy>(&self, all: &[T]) -> T {
        all[usize::from(self.choices[0]) % all.len()]
    }

    /// Whether the bit `index`, of eight, of the second byte is set.
    pub(crate) fn flag(&self, index: u8) -> bool {
        self.choices[1] >> index & 1 == 1
    }

    /// Three places in the text by the other bytes, in order.
    pub(crate) fn ends(&self) -> [usize; 3] {
        let place = |at: usize| {
            let place = u16::from_le_bytes([self.choices[at], self.choices[at + 1]]);
            usize::from(place) % (self.text.len() + 1)
        };
        let mut ends = [place(2), place(4), place(6)];
        ends.sort_unstable();
        ends
    }

    /// The text cut at these places.
    pub(crate) fn pieces(&self) -> [&'d [u8]; 4] {
        let [first, second, third] = self.ends();
        let text = self.text;
        [&text[..first], &text[first..second], &text[second..third], &text[third..]]
    }
}
