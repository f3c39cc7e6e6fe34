package storetest

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// A run of the model is hundreds of transactions; the command line can ask for more runs.
	if err := flag.Set("rapid.checks", "12"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// story is one promise of the store.
type story struct {
	name string
	tell func(t *testing.T, e Engine)
}

func TestBothEnginesKeepTheSamePromises(t *testing.T) {
	each(t, func(t *testing.T, e Engine) {
		for _, stories := range [][]story{
			tenantStories(), deletionStories(), changeStories(), signingStories(), sealStories(), auditStories(), observationStories(), modelStories(),
			peopleStories(), sessionStories(), linkStories(), trustStories(), budgetStories(), answerStories(), reportStories(),
		} {
			for _, s := range stories {
				t.Run(s.name, func(t *testing.T) { s.tell(t, e) })
			}
		}
	})
}

// each runs a test on every engine.
func each(t *testing.T, test func(t *testing.T, e Engine)) {
	t.Helper()
	for _, e := range []Engine{SQLite(), Postgres()} {
		t.Run(e.Name, func(t *testing.T) { test(t, e) })
	}
}
