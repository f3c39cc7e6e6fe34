//go:build unix

package credential

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the end of the budget end the programs too that the command
// started: otherwise every try would leave one behind.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
