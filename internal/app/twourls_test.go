package app

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/secret"
)

func TestAReplicaSaysThatAnotherOneHasAnotherPublicURL(t *testing.T) {
	database, said := sharedSQLite(t), &log{}
	begin := func(url string) *App {
		a, err := NewControl(Settings{Log: slog.New(slog.NewTextHandler(said, nil)), State: StateSettings{
			DataDir: t.TempDir(), Database: database, MasterKey: secret.New(keyOfMaster), IssuerURL: url, Signing: Rotation{Algorithm: "ES256"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closed(t, a) })
		return a
	}
	first := begin("https://a.example.com")
	begin("https://b.example.com")
	for range 2 {
		if err := first.state.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		first.state.revision = 0 // whatever changes next
	}
	if n := strings.Count(said.String(), "another replica has a different public URL"); n != 1 {
		t.Errorf("AWS will refuse half of all tokens, and that was told %d times", n)
	}
}
