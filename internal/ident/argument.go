package ident

import (
	"runtime"
	"strings"
)

// Argument names an environment to a command, such as "prod" or
// "prod --org research": a remedy's command line has to find it as it stands
// there. Without --org an operator's command looks in "default".
func Argument(environment, organization string) string {
	if organization == "" || organization == "default" {
		return environment
	}
	return environment + " --org " + organization
}

// Quoted is an argument as a POSIX shell takes it: within quotes, unless it is
// plain. A path of Windows is plain too, for its own shells know no such quotes.
func Quoted(argument string) string {
	if argument != "" && strings.IndexFunc(argument, special) < 0 {
		return argument
	}
	return "'" + strings.ReplaceAll(argument, "'", `'\''`) + "'"
}

// special reports whether a shell may take the character for more than itself.
func special(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("_-./:@%+=,", r):
		return false
	case r == '\\':
		return runtime.GOOS != "windows"
	}
	return true
}
