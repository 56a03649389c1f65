//! What the process gives up before it reads its first question: files, network, other processes, most of the memory.
//! Linux enforces it; elsewhere the process boundary is all there is.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

/// What may be used beyond what the process has when it starts.
const MEMORY: u64 = 512 << 20;

/// Gives up what no script needs; there is no way back.
pub fn confine() -> io::Result<()> {
    // Only politeness: where it is refused nothing is lost.
    let _ = rustix::process::nice(5);
    limit(Resource::Core, 0)?;
    limit(Resource::Nproc, 0)?;
    #[cfg(target_os = "linux")]
    {
        // When memory runs out, a worker goes first.
        let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
        if let Some(used) = address_space() {
            limit(Resource::As, used + MEMORY)?;
        }
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
        filter::install()?;
    }
    Ok(())
}

/// The processor time, in seconds, at which the kernel ends this process.
#[derive(Default)]
pub struct Allowed(u64);

impl Allowed {
    /// Lets the kernel end this process soon after the next run has used up its time: not every loop of the engine asks
    /// whether it may go on.
    pub fn processor(&mut self, ms: u64) -> io::Result<()> {
        let seconds = super::time::processor().as_secs() + ms.div_ceil(1_000) + 1;
        if seconds != self.0 {
            let unlimited = rustix::process::getrlimit(Resource::Cpu).maximum;
            setrlimit(Resource::Cpu, Rlimit { current: Some(seconds), maximum: unlimited })?;
            self.0 = seconds;
        }
        Ok(())
    }
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    Ok(setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?)
}

/// In bytes.
#[cfg(target_os = "linux")]
fn address_space() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = pages.split(' ').next()?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")
))]
mod filter {
    //! The system calls that are left. All others fail as if the caller had no permission.

    use std::{collections::BTreeMap, io};

    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule,
    };

    pub fn install() -> io::Result<()> {
        let program = program().map_err(io::Error::other)?;
        // It also gives up all ways to new privileges.
        seccompiler::apply_filter(&program).map_err(io::Error::other)
    }

    fn program() -> Result<BpfProgram, seccompiler::BackendError> {
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(|&call| (call, vec![])).collect();
        // Its own limits only.
        let own = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, 0)?;
        rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![own])?]);
        let denied = SeccompAction::Errno(libc::EPERM as u32);
        let arch = std::env::consts::ARCH.try_into()?;
        SeccompFilter::new(rules, denied, SeccompAction::Allow, arch)?.try_into()
    }

    const ALLOWED: &[i64] = &[
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_readv,
        libc::SYS_writev,
        libc::SYS_ppoll,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll,
        libc::SYS_mmap,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_mprotect,
        libc::SYS_madvise,
        libc::SYS_brk,
        libc::SYS_futex,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_gettimeofday,
        libc::SYS_getrandom,
        libc::SYS_getrusage,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_sched_yield,
        libc::SYS_sigaltstack,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_restart_syscall,
        libc::SYS_close,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
}

#[cfg(all(
    target_os = "linux",
    not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))
))]
mod filter {
    pub fn install() -> std::io::Result<()> {
        Ok(rustix::thread::set_no_new_privs(true)?)
    }
}
