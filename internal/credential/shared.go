package credential

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
)

// sharedFiles are the two files of the AWS tools, for the SDK to resolve a
// profile from and for a person to be told what is wrong with them.
type sharedFiles struct {
	config, credentials sharedFile
}

// sharedFile is one of them: its path, why it could not be read, and its sections.
type sharedFile struct {
	path     string
	err      error
	sections []section
}

// section is the head of a section, as it is written, and the names of its keys.
type section struct {
	head string // "default", "profile dev", "sso-session corp"
	line int
	keys map[string]bool
}

func readShared(env environ) sharedFiles {
	return sharedFiles{readSharedFile(env.configFile()), readSharedFile(env.credentialsFile())}
}

func readSharedFile(path string) sharedFile {
	if path == "" {
		return sharedFile{err: fs.ErrNotExist}
	}
	content, err := os.ReadFile(path)
	return sharedFile{path: path, err: err, sections: sections(string(content))}
}

// sections reads the heads and key names of a shared file, values left out.
func sections(text string) []section {
	var all []section
	for i, line := range strings.Split(text, "\n") {
		if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "[") {
			head, _, closed := strings.Cut(trimmed[1:], "]")
			if closed {
				all = append(all, section{strings.Join(strings.Fields(head), " "), i + 1, map[string]bool{}})
			}
			continue
		}
		if key, _, ok := strings.Cut(line, "="); ok && len(all) > 0 && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			all[len(all)-1].keys[strings.ToLower(strings.TrimSpace(key))] = true
		}
	}
	return all
}

// section returns the section with this head.
func (f sharedFile) section(head string) (section, bool) {
	for _, s := range f.sections {
		if s.head == head {
			return s, true
		}
	}
	return section{}, false
}

func (f sharedFile) missing() bool { return errors.Is(f.err, fs.ErrNotExist) }

// unreadable reports whether the file is there and cannot be read.
func (f sharedFile) unreadable() bool { return f.err != nil && !f.missing() }

// profiles returns the names of the profiles that AWS tools see in both files.
func (s sharedFiles) profiles() []string {
	var names []string
	add := func(name string) {
		for _, known := range names {
			if known == name {
				return
			}
		}
		names = append(names, name)
	}
	for _, sec := range s.config.sections {
		if name, ok := strings.CutPrefix(sec.head, "profile "); ok {
			add(name)
		} else if sec.head == "default" {
			add(sec.head)
		}
	}
	for _, sec := range s.credentials.sections {
		if !strings.Contains(sec.head, " ") {
			add(sec.head)
		}
	}
	return names
}

// misplaced returns the [profile X] heads of the credentials file, which AWS tools ignore there.
func (s sharedFiles) misplaced() []section {
	var all []section
	for _, sec := range s.credentials.sections {
		if strings.HasPrefix(sec.head, "profile ") {
			all = append(all, sec)
		}
	}
	return all
}

// load lets the SDK read one profile, with the profiles and sessions that it refers to.
func (s sharedFiles) load(ctx context.Context, profile string) (config.SharedConfig, error) {
	return config.LoadSharedConfigProfile(ctx, profile, func(opt *config.LoadSharedConfigOptions) {
		opt.ConfigFiles, opt.CredentialsFiles = []string{}, []string{} // nil would mean the process's own
		if s.config.err == nil {
			opt.ConfigFiles = []string{s.config.path}
		}
		if s.credentials.err == nil {
			opt.CredentialsFiles = []string{s.credentials.path}
		}
	})
}
