package cli

import (
	"log/slog"
	"os"
	"runtime"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// keysVariable holds API keys, comma separated. There is no flag for them:
// everybody on a machine can read the flags of its processes.
const keysVariable = "ADIT_API_KEYS"

// apiKeys returns the keys of the environment and of the file, if one is named.
func (p *Process) apiKeys(file string, log *slog.Logger) ([]secret.String, error) {
	var keys []secret.String
	for key := range strings.SplitSeq(p.getenv(keysVariable), ",") {
		if key = strings.TrimSpace(key); key != "" {
			keys = append(keys, secret.New(key))
		}
	}
	if file == "" {
		return keys, nil
	}
	more, err := keysOfFile(file, log)
	return append(keys, more...), err
}

// keysOfFile reads one key a line; empty lines and those that begin with # count for nothing.
func keysOfFile(path string, log *slog.Logger) ([]secret.String, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "the API keys cannot be read: %v", err).WithRemedy("Check --api-keys-file.")
	}
	var keys []secret.String
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			keys = append(keys, secret.New(line))
		}
	}
	if len(keys) == 0 {
		return nil, fault.New(fault.Config, "%s holds no API key", path).
			WithRemedy("Write one key a line; `openssl rand -hex 24` makes one.")
	}
	if info, err := os.Stat(path); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o004 != 0 {
		log.Warn("every user of this machine can read the API keys: run chmod 600 on their file", "file", path)
	}
	return keys, nil
}
