package credential

import (
	"path/filepath"
	"runtime"
	"strings"
)

// environ is the environment that was handed in. Names are folded on Windows,
// where the system does not tell their cases apart.
type environ map[string]string

func newEnviron(list []string) environ {
	env := make(environ, len(list))
	for _, pair := range list {
		if name, value, ok := strings.Cut(pair, "="); ok {
			env[fold(name)] = value
		}
	}
	return env
}

func fold(name string) string {
	if runtime.GOOS == "windows" {
		return strings.ToUpper(name)
	}
	return name
}

func (e environ) get(name string) string { return e[fold(name)] }

func (e environ) truthy(name string) bool { return strings.EqualFold(e.get(name), "true") }

// list returns the environment as a program that Adit starts gets it.
func (e environ) list() []string {
	list := make([]string, 0, len(e))
	for name, value := range e {
		list = append(list, name+"="+value)
	}
	return list
}

// home returns the home directory, or "" where the environment names none.
func (e environ) home() string {
	if runtime.GOOS == "windows" {
		return e.get("USERPROFILE")
	}
	return e.get("HOME")
}

// path returns the file that the variable names ("~/" is expanded), or else the file
// under the home directory; "" without both.
func (e environ) path(variable string, underHome ...string) string {
	if named := e.get(variable); named != "" {
		if rest, ok := strings.CutPrefix(named, "~/"); ok && e.home() != "" {
			return filepath.Join(e.home(), rest)
		}
		return named
	}
	if e.home() == "" {
		return ""
	}
	return filepath.Join(append([]string{e.home()}, underHome...)...)
}

func (e environ) configFile() string { return e.path("AWS_CONFIG_FILE", ".aws", "config") }

func (e environ) credentialsFile() string {
	return e.path("AWS_SHARED_CREDENTIALS_FILE", ".aws", "credentials")
}

// endpoint returns the base URL that the environment sets for one service. The
// variable for all services at once is not read: whoever points AWS clients at
// Adit itself with it does not mean that STS is there too.
func (e environ) endpoint(service string) string {
	if e.truthy("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
		return ""
	}
	return e.get("AWS_ENDPOINT_URL_" + service)
}

// profile returns the profile that the environment chooses: its name, and the
// variable that named it ("" for the default profile).
func (e environ) profile() (name, variable string) {
	for _, variable := range []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE"} {
		if name := e.get(variable); name != "" {
			return name, variable
		}
	}
	return "default", ""
}
