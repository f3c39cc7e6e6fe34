package chromium

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/usage"
)

// habit is how a caller uses a model: requests in an hour of its own middle, and what one of them holds.
type habit struct {
	environment, key, model, team string
	requests                      float64
	texts, tokens                 int64 // of a request, and of a text
	price                         int64 // of a token, in billionths of a dollar; 0: nobody knows it
	estimated                     bool
	day                           func(at time.Time) float64
	throttled, failed             float64 // shares, at the busiest
}

func habits() []habit {
	return []habit{
		{environment: "prod", key: "search", model: titanV2, team: "search", requests: 8600, texts: 6, tokens: 74, price: 20, day: people, throttled: .012, failed: .001},
		{environment: "prod", key: "recommendations", model: cohereV3, team: "discovery", requests: 910, texts: 48, tokens: 61, price: 100, estimated: true, day: people, throttled: .03, failed: .002},
		{environment: "prod", key: "indexer", model: titanV2, team: "search", requests: 3100, texts: 64, tokens: 210, price: 20, day: nightly, throttled: .06},
		{environment: "analytics-eu", key: "ticket-clustering", model: cohereV4, team: "support", requests: 640, texts: 96, tokens: 118, price: 120, estimated: true, day: nightly, throttled: .02, failed: .004},
		{environment: "staging", key: "search-ci", model: titanV2, team: "search", requests: 85, texts: 4, tokens: 52, price: 20, day: people, failed: .03},
		{environment: "legal-archive", key: "contracts", model: titanV1, team: "legal", requests: 36, texts: 2, tokens: 1900, day: people, failed: .4},
	}
}

// people work by day, and less at weekends.
func people(at time.Time) float64 {
	hour := math.Mod(float64(at.Hour())+float64(at.Minute())/60, 24)
	evening := hour - 19.5
	busy := .06 + math.Pow(math.Sin(math.Pi*hour/24), 4) + .35*math.Exp(-evening*evening/5)
	if day := at.Weekday(); day == time.Saturday || day == time.Sunday {
		busy *= .45
	}
	return busy
}

// nightly are jobs from one to four, UTC.
func nightly(at time.Time) float64 {
	if h := at.Hour(); h >= 1 && h < 4 {
		return 1
	}
	return 0
}

// month is what thirty days until now have as usage: the same each time, seen from now.
func month(now time.Time, environments, callers map[string]string) []usage.Record {
	dice := rand.New(rand.NewPCG(7, 30))
	var out []usage.Record
	last := now.UTC().Truncate(time.Hour)
	for at := last.AddDate(0, 0, -30); !at.After(last); at = at.Add(time.Hour) {
		for _, h := range habits() {
			busy := h.day(at)
			requests := int64(h.requests * busy * (.85 + .3*dice.Float64()))
			if requests == 0 {
				continue
			}
			c := usage.Counts{Requests: requests, Throttles: int64(h.throttled * busy * busy * float64(requests)), Errors: int64(h.failed * dice.Float64() * float64(requests))}
			c.Texts = (requests - c.Throttles - c.Errors) * h.texts
			h.spend(&c, int64(float64(c.Texts*h.tokens)*(.9+.2*dice.Float64())))
			out = append(out, usage.Record{
				Hour: at, Organization: "", Environment: environments[h.environment], Model: h.model, Key: callers[h.key],
				Tags: `{"team":"` + h.team + `"}`, Counts: c,
			})
		}
	}
	return out
}

func (h habit) spend(c *usage.Counts, tokens int64) {
	switch {
	case h.price == 0:
		c.Tokens, c.Unpriced = tokens, tokens
	case h.estimated:
		c.Estimated, c.EstimatedCost = tokens, tokens*h.price
	default:
		c.Tokens, c.Cost = tokens, tokens*h.price
	}
}

// use writes sums into the server's database, as its meter would have.
func (s *stand) use(records []usage.Record) {
	s.t.Helper()
	o, err := s.control.Organization(s.t.Context(), s.org)
	s.must(err)
	for i := range records {
		records[i].Organization = o.ID
	}
	db, err := store.Open(s.t.Context(), "sqlite:"+filepath.Join(s.data, "adit.db"), store.Options{})
	s.must(err)
	for part := range slices.Chunk(records, 1000) {
		s.must(db.AddUsage(s.t.Context(), part))
	}
	s.must(db.Close())
}
