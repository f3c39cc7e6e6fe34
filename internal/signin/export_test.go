package signin

// Cheap lets tests hash at a cost that does not matter, and reports the real one.
func (r *Registry) Cheap() {
	r.hashes = newHasher(cap(r.hashes.slots), cost{memory: 64, passes: 1, lanes: 1})
}

// Strength is today's cost, as an empty hash tells it.
func Strength() string { return passwordHash{cost: strength()}.String() }

// Moderate hashes at a cost that can be measured.
func (r *Registry) Moderate() {
	r.hashes = newHasher(cap(r.hashes.slots), cost{memory: 4096, passes: 1, lanes: 1})
}

// Occupy takes a turn of hashing, until the function returned is called.
func (r *Registry) Occupy() func() {
	r.hashes.slots <- struct{}{}
	return func() { <-r.hashes.slots }
}
