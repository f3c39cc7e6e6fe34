package credential

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
)

// process runs the profile's credential_process and reads the credentials that
// it prints. Neither the command line, which may hold a password, nor anything
// that the program prints is ever shown.
func (p profileSource) process(ctx context.Context, shared *config.SharedConfig) (found, error) {
	build := processcreds.NewCommandBuilderFunc(func(ctx context.Context) (*exec.Cmd, error) {
		shell := []string{"sh", "-c"}
		if runtime.GOOS == "windows" {
			shell = []string{"cmd.exe", "/C"}
		}
		cmd := exec.CommandContext(ctx, shell[0], shell[1], shared.CredentialProcess) //nolint:gosec // the AWS config file says which program
		cmd.Env = p.env.list()
		ownGroup(cmd)
		// A program that outlives the shell may hold the pipe open; do not wait for it.
		cmd.WaitDelay = 200 * time.Millisecond
		return cmd, nil
	})
	keys, err := processcreds.NewProviderCommand(build, func(opt *processcreds.Options) { opt.Timeout = Budget }).Retrieve(ctx)
	if err != nil {
		return found{}, processMiss(ctx, shared.Profile, err)
	}
	f := found{keys: keys, identity: "process:" + shared.Profile, how: "credential_process"}
	if keys.SessionToken == "" && !keys.CanExpire {
		f = written(keys, f.how)
	}
	return f, nil
}

func processMiss(ctx context.Context, profile string, err error) *miss {
	var exit *exec.ExitError
	reason := "what it printed is not the JSON that AWS tools expect (Version 1, AccessKeyId, SecretAccessKey)"
	switch {
	case ctx.Err() != nil:
		reason = fmt.Sprintf("it did not end within %v", Budget)
	case errors.Is(err, exec.ErrWaitDelay):
		reason = "it ended, but a program that it started keeps its output open"
	case errors.As(err, &exit) && !exit.Exited():
		reason = "it was killed by a signal"
	case errors.As(err, &exit):
		reason = fmt.Sprintf("it exited with status %d", exit.ExitCode())
	case errors.Is(err, exec.ErrNotFound):
		reason = "there is no shell to run it"
	}
	return broken(fmt.Sprintf("credential_process of profile %s failed: %s", profile, reason),
		fmt.Sprintf("Run it by hand, or `aws sts get-caller-identity --profile %s`, as Adit's user.", profile))
}
