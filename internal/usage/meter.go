package usage

import (
	"cmp"
	"crypto/rand"
	"hash/maphash"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Settings of a [Meter]. Zero values mean the defaults.
type Settings struct {
	// Every is how often sums are written; a second by default.
	Every time.Duration
	// Capacity is how many distinct sums wait to be written at most, and how many
	// more are added up between two turns of writing; 50,000 by default. Beyond it
	// a new one is added to its organization's sum of the hour, without
	// environment, model, key and tags; one that waits already goes on.
	Capacity int
	// Batch is how many sums are written at once; 1,000 by default.
	Batch int
	// Patience is how long one attempt to write a batch may take; 5 seconds by default.
	Patience time.Duration
	Now      func() time.Time
	Log      *slog.Logger
}

// shards is how many parts the sums are kept in, so that callers seldom wait for each other.
const shards = 16

// Meter adds up what is used. It is safe for concurrent use. While the database
// is away the sums wait, and grow with the hours only; what waits when the
// process is killed is lost.
type Meter struct {
	store    Store
	settings Settings
	seed     maphash.Seed
	parts    [shards]part
	distinct atomic.Int64 // sums in parts

	writing sync.Mutex // one writer at a time; it guards what follows
	waiting map[name]Counts
	sent    Batch  // the last one that was tried
	unsure  []name // of its records; none when it is written. They stay in waiting, with what came since
}

// part is one share of the sums. The two maps take turns, so that their room is used again.
type part struct {
	mu          sync.Mutex
	sums, spare map[name]Counts
	_           [24]byte // parts do not share a line of the processor's cache
}

// name tells one sum from another.
type name struct {
	hour                                        int64 // Unix seconds
	organization, environment, model, key, tags string
}

// NewMeter returns a meter that writes to the store. Nothing is written before [Meter.Run] or [Meter.Flush].
func NewMeter(store Store, s Settings) *Meter {
	if s.Every <= 0 {
		s.Every = time.Second
	}
	if s.Capacity <= 0 {
		s.Capacity = 50_000
	}
	if s.Batch <= 0 {
		s.Batch = 1000
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Patience <= 0 {
		s.Patience = 5 * time.Second
	}
	m := &Meter{store: store, settings: s, seed: maphash.MakeSeed(), waiting: map[name]Counts{}, sent: Batch{Writer: rand.Text()}}
	for i := range m.parts {
		m.parts[i].sums, m.parts[i].spare = map[name]Counts{}, map[name]Counts{}
	}
	return m
}

// Add adds the counts to the sum of their hour; without an hour, of the hour
// that it is now. It waits for nothing but another Add, and allocates only for
// a sum that it has not seen for long.
func (m *Meter) Add(r Record) {
	at := r.Hour
	if at.IsZero() {
		at = m.settings.Now()
	}
	const hour = int64(time.Hour / time.Second)
	seconds := at.Unix()
	n := name{seconds - (seconds%hour+hour)%hour, r.Organization, r.Environment, r.Model, r.Key, r.Tags}
	if m.add(n, r.Counts) {
		return
	}
	m.force(n.nameless(), r.Counts)
}

// add reports whether there was room.
func (m *Meter) add(n name, c Counts) bool {
	p := m.part(n)
	p.mu.Lock()
	defer p.mu.Unlock()
	sum, known := p.sums[n]
	if !known {
		if m.distinct.Add(1) > int64(m.settings.Capacity) {
			m.distinct.Add(-1)
			return false
		}
	}
	sum.add(c)
	p.sums[n] = sum
	return true
}

// force adds whether there is room or not: there are as many such sums as organizations.
func (m *Meter) force(n name, c Counts) {
	p := m.part(n)
	p.mu.Lock()
	defer p.mu.Unlock()
	sum, known := p.sums[n]
	if !known {
		m.distinct.Add(1)
	}
	sum.add(c)
	p.sums[n] = sum
}

func (m *Meter) part(n name) *part { return &m.parts[maphash.Comparable(m.seed, n)%shards] }

func (n name) record(c Counts) Record {
	return Record{
		Hour: time.Unix(n.hour, 0).UTC(), Organization: n.organization, Environment: n.environment, Model: n.model, Key: n.key,
		Tags: n.tags, Counts: c,
	}
}

// nameless is the sum of the organization's hour.
func (n name) nameless() name { return name{hour: n.hour, organization: n.organization} }

func (n name) compare(o name) int {
	return cmp.Or(
		cmp.Compare(n.hour, o.hour), cmp.Compare(n.organization, o.organization), cmp.Compare(n.environment, o.environment),
		cmp.Compare(n.model, o.model), cmp.Compare(n.key, o.key), cmp.Compare(n.tags, o.tags),
	)
}
