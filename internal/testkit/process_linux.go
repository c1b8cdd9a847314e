package testkit

import (
	"os/exec"
	"syscall"
)

// endWithParent has the kernel kill the process when the test binary dies
// without its cleanups, as after a panic or a time-out.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
