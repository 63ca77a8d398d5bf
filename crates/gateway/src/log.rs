//! The place that log lines go to: a queue, and a thread that writes it to standard output.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use routescope_guard::LogSink;

/// Lines that wait for the writer, at most. A line more is lost, and counted by the guard: no
/// request waits for whoever reads the log.
const LINES: usize = 8_192;

/// The most that is written at once.
const BATCH: usize = 64 * 1024;

/// Takes lines, and loses them before it keeps a request waiting.
#[derive(Debug)]
pub(crate) struct Queue(SyncSender<Vec<u8>>);

/// The thread that writes the lines.
#[derive(Debug)]
pub(crate) struct Writer {
    /// An empty line is the last one.
    lines: SyncSender<Vec<u8>>,
    finished: Receiver<()>,
}

/// A queue, and the thread that writes what comes out of it to standard output.
pub(crate) fn to_stdout() -> io::Result<(Queue, Writer)> {
    let (lines, receiver) = sync_channel(LINES);
    let (done, finished) = sync_channel(1);
    let thread = thread::Builder::new().name("log".to_owned());
    thread.spawn(move || {
        write(&receiver, &mut io::stdout());
        let _ = done.send(());
    })?;
    Ok((Queue(lines.clone()), Writer { lines, finished }))
}

impl LogSink for Queue {
    fn write_line(&self, line: &[u8]) -> io::Result<()> {
        let sent = self.0.try_send(line.to_vec());
        sent.map_err(|_| io::ErrorKind::WouldBlock.into())
    }
}

impl Writer {
    /// Waits until the lines so far are written; not for long, if nobody reads them.
    pub(crate) fn finish(self) {
        if self.lines.try_send(Vec::new()).is_ok() {
            let _ = self.finished.recv_timeout(Duration::from_secs(1));
        }
    }
}

/// Writes lines up to an empty one. Lines that cannot be written are lost: the output may be a full disk,
/// which has room again later.
fn write(lines: &Receiver<Vec<u8>>, output: &mut impl Write) {
    let mut is_last = false;
    while !is_last && let Ok(mut batch) = lines.recv() {
        is_last = batch.is_empty();
        while !is_last
            && batch.len() < BATCH
            && let Ok(line) = lines.try_recv()
        {
            is_last = line.is_empty();
            batch.extend(line);
        }
        let _ = output.write_all(&batch);
        let _ = output.flush();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::{LINES, Queue, write};
    use routescope_guard::LogSink;

    #[test]
    fn lines_are_written_up_to_the_last_one() {
        let (sender, receiver) = sync_channel(LINES);
        let queue = Queue(sender.clone());
        for line in ["one\n", "two\n"] {
            queue.write_line(line.as_bytes()).unwrap();
        }
        sender.send(Vec::new()).unwrap();
        queue.write_line(b"too late\n").unwrap();
        let mut written = Vec::new();
        write(&receiver, &mut written);
        assert_eq!(written, b"one\ntwo\n");
    }

    #[test]
    fn a_full_queue_keeps_nobody_waiting() {
        let (sender, _receiver) = sync_channel(1);
        let queue = Queue(sender);
        queue.write_line(b"one\n").unwrap();
        queue.write_line(b"two\n").unwrap_err();
    }
}
