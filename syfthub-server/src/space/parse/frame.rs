//! What a parse worker and the program that started it say to each other, and how.
//!
//! Jobs go to the worker's standard input as a length (4 bytes, little endian) and JSON. Replies come from its standard
//! output, where libraries print when they feel like it: so a reply begins with the mark that its job carried, 16 random
//! bytes, and what stands before a mark is skipped. A file cannot forge a reply, since it does not know the mark.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{ParseError, Task};
use crate::space::chunk::Chunk;

/// A longer frame is no frame.
const LONGEST: usize = 64 << 20;

/// What the replies to a job begin with.
pub(super) type Mark = [u8; 16];

/// One file for a worker.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) mark: Mark,
    pub(super) task: Task,
    /// Bytes that the worker may allocate.
    pub(super) memory: u64,
    /// Seconds of processor time for this file.
    pub(super) seconds: u64,
}

/// A part of the answer to a job: `Unchanged`, `Failed`, or `Head`, `Chunks` as often as it takes, `End`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    Unchanged,
    Failed(ParseError),
    Head { hash: String, title: String, file_size: u64, metadata: Map<String, Value> },
    Chunks(Vec<Chunk>),
    End,
}

/// The next job; `None` when no more will come. Blocks.
pub(super) fn read_job(input: &mut impl Read) -> io::Result<Option<Job>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        outcome => outcome?,
    }
    let mut body = vec![0; checked(length)?];
    input.read_exact(&mut body)?;
    decoded(&body).map(Some)
}

/// A job as bytes.
pub(super) fn job_bytes(job: &Job) -> io::Result<Vec<u8>> {
    framed(&[], job)
}

/// Sends a part of the answer. Blocks.
pub(super) fn write_reply(out: &mut impl Write, mark: &Mark, reply: &Reply) -> io::Result<()> {
    out.write_all(&framed(mark, reply)?)?;
    out.flush()
}

fn framed(mark: &[u8], value: &impl Serialize) -> io::Result<Vec<u8>> {
    let body = serde_json::to_vec(value).map_err(io::Error::other)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    Ok([mark, &length.to_le_bytes(), &body].concat())
}

/// The next part of the answer that begins with `mark`.
pub(super) async fn read_reply(
    input: &mut (impl AsyncRead + Unpin),
    mark: &Mark,
) -> io::Result<Reply> {
    let mut window = [0; 16];
    input.read_exact(&mut window).await?;
    while window != *mark {
        window.rotate_left(1);
        window[15] = input.read_u8().await?;
    }
    let mut length = [0; 4];
    input.read_exact(&mut length).await?;
    let mut body = vec![0; checked(length)?];
    input.read_exact(&mut body).await?;
    decoded(&body)
}

fn checked(length: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_le_bytes(length) as usize;
    if length <= LONGEST { Ok(length) } else { Err(io::Error::other("a frame is too long")) }
}

fn decoded<T: DeserializeOwned>(body: &[u8]) -> io::Result<T> {
    serde_json::from_slice(body).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_library_prints_between_replies_is_skipped() {
        let mark = *b"0123456789abcdef";
        let mut bytes = b"0123456789abcdefWARNING".to_vec();
        bytes.truncate(12);
        write_reply(&mut bytes, &mark, &Reply::Unchanged).unwrap();
        bytes.extend(b"warning: 012345");
        write_reply(&mut bytes, &mark, &Reply::Failed(ParseError::Empty)).unwrap();
        let mut input = bytes.as_slice();
        assert!(matches!(read_reply(&mut input, &mark).await, Ok(Reply::Unchanged)));
        let failed = read_reply(&mut input, &mark).await;
        assert!(matches!(failed, Ok(Reply::Failed(ParseError::Empty))), "{failed:?}");
        let end = read_reply(&mut input, &mark).await.unwrap_err();
        assert_eq!(end.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn the_end_of_the_jobs_is_no_mistake_and_a_torn_one_is() {
        assert!(read_job(&mut [].as_slice()).unwrap().is_none());
        assert!(read_job(&mut [9, 0, 0, 0, b'{'].as_slice()).is_err());
        assert!(read_job(&mut [255, 255, 255, 255].as_slice()).is_err());
    }
}
