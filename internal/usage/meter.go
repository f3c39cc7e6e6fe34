package usage

import (
	"cmp"
	"context"
	"hash/maphash"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Settings of a [Meter]. Zero values mean the defaults.
type Settings struct {
	// Every is how often sums are written; a second by default.
	Every time.Duration
	// Capacity is how many distinct sums wait in memory at most; 50,000 by default.
	// Beyond it a new one is added to its organization's sum of the hour,
	// without environment, model, key and tags.
	Capacity int
	// Batch is how many sums are written at once; 1,000 by default.
	Batch int
	Now   func() time.Time
	Log   *slog.Logger
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
	distinct atomic.Int64 // sums in parts and waiting

	writing sync.Mutex // one writer at a time
	waiting map[name]Counts
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
	m := &Meter{store: store, settings: s, seed: maphash.MakeSeed(), waiting: map[name]Counts{}}
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
	m.force(name{hour: n.hour, organization: n.organization}, r.Counts)
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

// Run writes sums from time to time until ctx ends. The last ones are for [Meter.Flush].
func (m *Meter) Run(ctx context.Context) {
	tick := time.NewTicker(m.settings.Every)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := m.Flush(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failing {
			m.settings.Log.Error("usage cannot be written; the sums wait in memory", "error", err, "waiting", m.distinct.Load())
		}
		if err == nil && failing {
			m.settings.Log.Info("usage is written again")
		}
		failing = err != nil
	}
}

// Flush writes everything that waits, in batches. A batch that fails goes on
// waiting, and is written once: a store adds all of a batch or nothing.
func (m *Meter) Flush(ctx context.Context) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	m.collect()
	names := slices.SortedFunc(maps.Keys(m.waiting), name.compare)
	for batch := range slices.Chunk(names, m.settings.Batch) {
		records := make([]Record, len(batch))
		for i, n := range batch {
			records[i] = n.record(m.waiting[n])
		}
		if err := m.store.AddUsage(ctx, records); err != nil {
			return err
		}
		for _, n := range batch {
			delete(m.waiting, n)
		}
		m.distinct.Add(int64(-len(batch)))
	}
	return nil
}

// collect takes the sums out of the parts.
func (m *Meter) collect() {
	for i := range m.parts {
		p := &m.parts[i]
		p.mu.Lock()
		sums := p.sums
		p.sums, p.spare = p.spare, nil
		p.mu.Unlock()
		for n, c := range sums {
			sum, known := m.waiting[n]
			if known {
				m.distinct.Add(-1)
			}
			sum.add(c)
			m.waiting[n] = sum
		}
		clear(sums)
		p.mu.Lock()
		p.spare = sums
		p.mu.Unlock()
	}
}

func (n name) record(c Counts) Record {
	return Record{
		Hour: time.Unix(n.hour, 0).UTC(), Organization: n.organization, Environment: n.environment, Model: n.model, Key: n.key,
		Tags: n.tags, Counts: c,
	}
}

func (n name) compare(o name) int {
	return cmp.Or(
		cmp.Compare(n.hour, o.hour), cmp.Compare(n.organization, o.organization), cmp.Compare(n.environment, o.environment),
		cmp.Compare(n.model, o.model), cmp.Compare(n.key, o.key), cmp.Compare(n.tags, o.tags),
	)
}
