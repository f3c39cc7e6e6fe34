package usage

import (
	"context"
	"maps"
	"slices"
	"time"
)

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
			m.settings.Log.Error("usage cannot be written; the sums wait in memory", "error", err, "waiting", m.held())
		}
		if err == nil && failing {
			m.settings.Log.Info("usage is written again")
		}
		failing = err != nil
	}
}

// Flush writes everything that waits, in batches. It ends with the first that
// fails, and that one is tried again before all others. A batch that is under
// way is finished although ctx is cancelled: whoever closes a page that shows
// usage does not leave the database with half an answer.
func (m *Meter) Flush(ctx context.Context) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	m.collect()
	if len(m.unsure) > 0 {
		if err := m.send(ctx); err != nil {
			return err
		}
	}
	names := slices.SortedFunc(maps.Keys(m.waiting), name.compare)
	for batch := range slices.Chunk(names, m.settings.Batch) {
		m.seal(batch)
		if err := m.send(ctx); err != nil {
			return err
		}
	}
	return nil
}

// collect takes the sums out of the parts. Where there is no room for more sums
// to wait, those that wait already keep their names, and new ones lose them.
func (m *Meter) collect() {
	for i := range m.parts {
		p := &m.parts[i]
		p.mu.Lock()
		sums := p.sums
		p.sums, p.spare = p.spare, nil
		p.mu.Unlock()
		m.distinct.Add(int64(-len(sums)))
		for n, c := range sums {
			if _, known := m.waiting[n]; !known && len(m.waiting) >= m.settings.Capacity {
				n = n.nameless()
			}
			sum := m.waiting[n]
			sum.add(c)
			m.waiting[n] = sum
		}
		clear(sums)
		p.mu.Lock()
		p.spare = sums
		p.mu.Unlock()
	}
}

// seal makes a batch of the sums. It must not change any more: when its COMMIT
// came through and the answer got lost, the store knows it by its number only.
func (m *Meter) seal(batch []name) {
	records := make([]Record, len(batch))
	for i, n := range batch {
		records[i] = n.record(m.waiting[n])
		m.waiting[n] = Counts{}
	}
	m.sent.Number++
	m.sent.Records, m.unsure = records, batch
}

// send writes the batch that is sealed, and forgets it when it is written.
func (m *Meter) send(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	trying, end := m.patient(ctx)
	defer end()
	if err := m.store.AddBatch(trying, m.sent); err != nil {
		return err
	}
	for _, n := range m.unsure {
		if m.waiting[n] == (Counts{}) {
			delete(m.waiting, n)
		}
	}
	m.sent.Records, m.unsure = nil, nil
	return nil
}

// patient gives an attempt its time, though no more than ctx has: it ends with
// ctx's deadline, and not when ctx is cancelled.
func (m *Meter) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	most, end := context.WithTimeout(context.WithoutCancel(ctx), m.settings.Patience)
	if at, given := ctx.Deadline(); given {
		sooner, endSooner := context.WithDeadline(most, at)
		return sooner, func() { endSooner(); end() }
	}
	return most, end
}

// held is how many sums wait.
func (m *Meter) held() int {
	m.writing.Lock()
	defer m.writing.Unlock()
	return len(m.waiting)
}
