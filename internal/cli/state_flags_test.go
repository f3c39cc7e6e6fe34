package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestACommandOnTheDatabaseHasOnlyFlagsThatItUses(t *testing.T) {
	plain := []string{"help", "data-dir", "database", "log-level", "log-format"}
	want := map[string][]string{
		"db migrate": plain, "db backup": plain, "db restore": plain,
		"issuer rewrap": {"help", "new-master-key-file", "yes", "data-dir", "database", "master-key-file", "log-level", "log-format"},
	}
	got := map[string][]string{}
	for _, c := range commands(t) {
		name := strings.Join(words(c), " ")
		if want[name] == nil {
			continue
		}
		for _, group := range c.AllFlags(false) {
			for _, f := range group {
				got[name] = append(got[name], f.Name)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
}
