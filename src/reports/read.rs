//! Reading reports as a stream: objects after each other, on lines of their own or in arrays.
//!
//! After something that is no JSON, reading goes on at the next line. Each line is read at most twice, whatever it holds, and no
//! more than one object is in memory.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use serde::Deserialize as _;
use serde_json::{Deserializer, Value};

use super::LONGEST;
use super::report::each;
use super::table::Table;
use crate::finding::Place;

/// Counts every report of a file; `name` is the one for findings.
///
/// # Errors
///
/// Those of `input`.
pub(crate) fn read(name: &str, input: impl BufRead, table: &mut Table) -> io::Result<()> {
    let mut stream = Stream { input, again: Vec::new(), line: Vec::new(), number: 1, left: 0 };
    let path: Arc<str> = name.into();
    while stream.find_value()? {
        let place = Place { path: Arc::clone(&path), line: stream.number, column: 1 };
        match stream.value()? {
            Ok(value) => each(&value, None, &mut |content| table.add(content, &place)),
            Err(fault) => table.reject(&fault, &place),
        }
    }
    Ok(())
}

/// Bytes of which a line can be read again.
struct Stream<R> {
    input: R,
    /// The bytes that are read again, the last one first.
    again: Vec<u8>,
    /// The bytes that a value has in the current line.
    line: Vec<u8>,
    /// The number of the current line.
    number: u64,
    /// The number of bytes that the value may still have.
    left: usize,
}

impl<R: BufRead> Stream<R> {
    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = match self.again.pop() {
            Some(byte) => Some(byte),
            None => self.input.by_ref().bytes().next().transpose()?,
        };
        self.number += u64::from(byte == Some(b'\n'));
        Ok(byte)
    }

    /// Goes to the next byte that is neither space nor part of an array or of a byte order mark. `false` at the end.
    fn find_value(&mut self) -> io::Result<bool> {
        while let Some(byte) = self.byte()? {
            if !b" \t\r\n[],\xef\xbb\xbf".contains(&byte) {
                self.again.push(byte);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads an object, or says what is wrong and goes to a line after it.
    fn value(&mut self) -> io::Result<Result<Value, String>> {
        let start = self.number;
        self.line.clear();
        self.left = LONGEST;
        let fault = match self.again.last() {
            Some(b'{') => {
                let read = Value::deserialize(&mut Deserializer::from_reader(&mut *self));
                match read {
                    Ok(value) => return Ok(Ok(value)),
                    Err(_) if self.left == 0 => format!("is longer than {LONGEST} bytes"),
                    Err(error) if error.is_io() => return Err(error.into()),
                    Err(error) => {
                        let error = error.to_string();
                        let reason = error.split(" at line ").next().unwrap_or_default();
                        format!("is not valid JSON: {reason}")
                    }
                }
            }
            _ => "is not a JSON object".to_owned(),
        };
        if self.number > start {
            self.again.extend(self.line.drain(..).rev());
        } else {
            // Nothing else is read again than the rest of this line.
            self.again.clear();
            self.input.skip_until(b'\n')?;
            self.number += 1;
        }
        Ok(Err(fault))
    }
}

/// Reads a byte of a value.
impl<R: BufRead> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(left) = self.left.checked_sub(1) else {
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        let (Some(first), Some(byte)) = (buffer.first_mut(), self.byte()?) else {
            return Ok(0);
        };
        self.left = left;
        *first = byte;
        match byte {
            b'\n' => self.line.clear(),
            _ => self.line.push(byte),
        }
        Ok(1)
    }
}
