package secretstore

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxDotEnv is the largest .env file that is read, in bytes.
const maxDotEnv = 1 << 20

// environment is the env store: the process environment over .env.local over
// .env. The files may be absent.
type environment struct {
	environ []string
	// files are read in this order; a later one wins. The process environment wins over all.
	files  []string
	values map[string]string
	absent []string
	err    error
	loaded bool
}

func newEnvironment(filePath, dir string, environ []string) *environment {
	if filePath == "" {
		filePath = ".env"
	}
	path := under(dir, filePath)
	return &environment{
		environ: environ,
		files:   []string{path, filepath.Join(filepath.Dir(path), ".env.local")},
	}
}

// under returns path, started from dir when it is relative.
func under(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// lookup tries the spellings that Spice tries, in its order (Spice, env secret
// store), so that one Spicepod gets the same value from both programs.
func (e *environment) lookup(name string) (string, bool, error) {
	if err := e.load(); err != nil {
		return "", false, err
	}
	upper := strings.ToUpper(name)
	for _, spelling := range []string{"SPICE_" + name, name, "SPICE_" + upper, upper} {
		if value, ok := e.values[spelling]; ok {
			return value, true, nil
		}
	}
	return "", false, nil
}

func (e *environment) load() error {
	if e.loaded {
		return e.err
	}
	e.loaded = true
	e.values = map[string]string{}
	var problems Problems
	for _, path := range e.files {
		values, err := readDotEnv(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			e.absent = append(e.absent, path)
		case err != nil:
			problems = append(problems, asProblems(path, err)...)
		}
		maps.Copy(e.values, values)
	}
	for _, pair := range e.environ {
		if name, value, ok := strings.Cut(pair, "="); ok {
			e.values[name] = value
		}
	}
	if len(problems) > 0 {
		e.err = problems
	}
	return e.err
}

func readDotEnv(path string) (map[string]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	data, err := readRegular(info, maxDotEnv, func() (*os.File, error) { return os.Open(path) })
	if err != nil {
		return nil, err
	}
	values, problems := parseDotEnv(data)
	if len(problems) > 0 {
		for _, p := range problems {
			p.Path = path
		}
		return nil, problems
	}
	return values, nil
}

func asProblems(path string, err error) Problems {
	var ps Problems
	if errors.As(err, &ps) {
		return ps
	}
	return Problems{{Path: path, Message: "cannot be read: " + reason(err)}}
}

func (e *environment) describe() string {
	places := []string{"the environment"}
	for _, path := range slices.Backward(e.files) {
		if slices.Contains(e.absent, path) {
			path += ", which does not exist"
		}
		places = append(places, path)
	}
	return strings.Join(places, "; ")
}
