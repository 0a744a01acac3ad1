//! Has one of SQLite's reads and writes of files fail.
//!
//! That is how [`Fixture::fail_request`](conformance::Fixture::fail_request) is written
//! for a platform on the same machine: between the mirror and the disk stand the system
//! calls, and SQLite lets a program replace them. It is for Linux, where a file's path
//! is found by its number.

use std::ffi::{CStr, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use conformance::fixture::Fault;
use rusqlite::ffi;

/// `pread` and `pwrite` have one type, but for the constness of the buffer.
type Transfer = unsafe extern "C" fn(c_int, *mut c_void, usize, i64) -> isize;

/// The system's own calls.
static READ: OnceLock<Transfer> = OnceLock::new();
static WRITE: OnceLock<Transfer> = OnceLock::new();

/// What is to fail, by the folder of the files.
static PLANS: Mutex<Vec<Plan>> = Mutex::new(Vec::new());
/// How many plans there are, for calls that are no test's.
static ARMED: AtomicUsize = AtomicUsize::new(0);

struct Plan {
    folder: PathBuf,
    /// How many calls come before the one that fails.
    before: u32,
    fault: Fault,
}

/// Has the `nth` call on a file in this folder fail. `false` where it cannot.
pub(crate) fn fail(folder: &Path, nth: u32, fault: Fault) -> bool {
    static REPLACED: OnceLock<bool> = OnceLock::new();
    if !*REPLACED.get_or_init(replace) {
        return false;
    }
    stop(folder);
    let plan = Plan {
        folder: folder.to_owned(),
        before: nth.saturating_sub(1),
        fault,
    };
    PLANS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(plan);
    ARMED.fetch_add(1, Ordering::SeqCst);
    true
}

/// Takes it back; whether the call came and failed.
pub(crate) fn stop(folder: &Path) -> bool {
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    let pending = plans.len();
    plans.retain(|plan| plan.folder != folder);
    let taken_back = pending - plans.len();
    ARMED.fetch_sub(taken_back, Ordering::SeqCst);
    taken_back == 0
}

/// Whether this call on this file is to fail.
fn fault_of(file: c_int) -> Option<Fault> {
    if ARMED.load(Ordering::SeqCst) == 0 {
        return None;
    }
    let path = std::fs::read_link(format!("/proc/self/fd/{file}")).ok()?;
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    let at = plans
        .iter()
        .position(|plan| path.starts_with(&plan.folder))?;
    if plans[at].before > 0 {
        plans[at].before -= 1;
        return None;
    }
    ARMED.fetch_sub(1, Ordering::SeqCst);
    Some(plans.swap_remove(at).fault)
}

/// Makes the call, or has it fail: on a file that is not open, which sets the error.
fn transfer(
    system: &OnceLock<Transfer>,
    file: c_int,
    buffer: *mut c_void,
    length: usize,
    at: i64,
) -> isize {
    let Some(system) = system.get() else {
        return -1;
    };
    // SAFETY: the arguments are those that SQLite has for the system's call.
    let call = |file| unsafe { system(file, buffer, length, at) };
    let fault = fault_of(file);
    if fault == Some(Fault::BeforeItActs) {
        return call(-1);
    }
    let done = call(file);
    if fault == Some(Fault::AfterItActed) {
        return call(-1);
    }
    done
}

unsafe extern "C" fn read(file: c_int, buffer: *mut c_void, length: usize, at: i64) -> isize {
    transfer(&READ, file, buffer, length, at)
}

unsafe extern "C" fn write(file: c_int, buffer: *mut c_void, length: usize, at: i64) -> isize {
    transfer(&WRITE, file, buffer, length, at)
}

/// Puts these calls in the place of the system's, for good; whether SQLite has them.
fn replace() -> bool {
    Path::new("/proc/self/fd").exists()
        && replace_one(c"pread", &READ, read)
        && replace_one(c"pwrite", &WRITE, write)
}

fn replace_one(name: &CStr, own: &OnceLock<Transfer>, with: Transfer) -> bool {
    // SAFETY: the names are ended by a zero, the file system lives as long as the
    // process, and the calls have the type that SQLite has for these names.
    unsafe {
        let files = ffi::sqlite3_vfs_find(std::ptr::null());
        let Some(vfs) = files.as_ref() else {
            return false;
        };
        let (Some(get), Some(set)) = (vfs.xGetSystemCall, vfs.xSetSystemCall) else {
            return false;
        };
        let Some(system) = get(files, name.as_ptr()) else {
            return false;
        };
        let system = std::mem::transmute::<unsafe extern "C" fn(), Transfer>(system);
        let with = std::mem::transmute::<Transfer, unsafe extern "C" fn()>(with);
        own.set(system).is_ok() && set(files, name.as_ptr(), Some(with)) == ffi::SQLITE_OK
    }
}
