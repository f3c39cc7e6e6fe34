package cli

import (
	"log/slog"
	"strings"

	"github.com/alecthomas/kong"
)

// variables sets flags from the environment: a flag's setting tag names its
// variable. What stands on the line wins; an empty variable counts as not set.
func variables(p *Process) kong.ResolverFunc {
	return func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if name := flag.Tag.Get("setting"); name != "" {
			if value := p.getenv(name); value != "" {
				return value, nil
			}
		}
		return nil, nil
	}
}

// nameVariable adds the variable of a flag to its help.
func nameVariable(value *kong.Value) string {
	name := value.Tag.Get("setting")
	if name == "" {
		return value.Help
	}
	return strings.TrimSuffix(value.Help, ".") + " ($" + name + ")."
}

// warnOfVariables names the variables that begin like Adit's and are none of
// its: a misspelt one would leave a setting at its default without a word.
func (p *Process) warnOfVariables(app *kong.Application, log *slog.Logger) {
	known := map[string]bool{keysVariable: true, keyVariable: true, masterKeyVariable: true, oidcSecretVariable: true}
	for _, command := range app.Leaves(false) {
		for _, flag := range command.Flags {
			known[flag.Tag.Get("setting")] = true
		}
	}
	for _, pair := range p.Environ {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "ADIT_") && !known[name] {
			log.Warn("Adit has no such variable: `adit serve --help` lists them", "variable", name)
		}
	}
}
