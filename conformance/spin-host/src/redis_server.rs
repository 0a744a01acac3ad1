//! A Redis server for a test.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long the server may take to listen.
const START: Duration = Duration::from_secs(20);

/// A `redis-server` on a free port of this machine, in a temporary folder; it is
/// stopped when this is dropped.
#[derive(Debug)]
pub struct RedisServer {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl RedisServer {
    /// Starts the program `redis-server`, and waits until it answers.
    ///
    /// # Errors
    /// [`RedisServerError`] where the program is missing or does not come to answer.
    pub fn start() -> Result<Self, RedisServerError> {
        // Another process may take the port before the server does.
        let mut tries = 3;
        loop {
            tries -= 1;
            match Self::start_once() {
                Err(RedisServerError::NoAnswer { .. }) if tries > 0 => {}
                done => return done,
            }
        }
    }

    fn start_once() -> Result<Self, RedisServerError> {
        let folder = tempfile::tempdir().map_err(RedisServerError::Prepare)?;
        let port = free_port().map_err(RedisServerError::Prepare)?;
        let mut command = Command::new("redis-server");
        command
            .args(["--port", &port.to_string()])
            .args(["--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = command.spawn().map_err(RedisServerError::Program)?;
        let mut server = Self {
            process,
            port,
            _folder: folder,
        };
        let started = Instant::now();
        while server.ping().is_err() {
            let ended = matches!(server.process.try_wait(), Ok(Some(_)) | Err(_));
            if ended || started.elapsed() > START {
                return Err(RedisServerError::NoAnswer { port });
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    /// The URL of one of the server's databases, which have the numbers 0 to 15.
    pub fn url(&self, database: u8) -> String {
        format!("redis://127.0.0.1:{}/{database}", self.port)
    }

    fn ping(&self) -> io::Result<()> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut connection = TcpStream::connect(address)?;
        connection.set_read_timeout(Some(START))?;
        connection.write_all(b"PING\r\n")?;
        let mut answer = [0; 7];
        connection.read_exact(&mut answer)?;
        match &answer {
            b"+PONG\r\n" => Ok(()),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // It keeps nothing that a gentler end would save.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// Why there is no Redis server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedisServerError {
    /// The program did not start.
    #[error("cannot start redis-server: {0}. Run `conformance/setup`, which installs it")]
    Program(io::Error),

    /// There is no folder or no port for it.
    #[error("cannot prepare a folder and a port for redis-server: {0}")]
    Prepare(io::Error),

    /// The program started and does not answer.
    #[error("redis-server does not answer on port {port} of this machine")]
    NoAnswer {
        /// The port.
        port: u16,
    },
}
