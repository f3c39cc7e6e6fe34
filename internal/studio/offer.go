package studio

import "github.com/adit-hq/adit/internal/access"

// Offer is the address of something that the person may do on a page of the
// organization; "" where it would be refused, so that no button leads there.
func (v *visit) Offer(p access.Permission, parts ...string) string {
	if !v.May(p) {
		return ""
	}
	return v.At(parts...)
}
