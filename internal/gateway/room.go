package gateway

import (
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/model"
)

const (
	// maxVectors bounds the vectors of one answer, in bytes as Bedrock sends them:
	// the different ones are all in memory until it is written, and a client has
	// to read them all.
	maxVectors = 1 << 30
	// numberBytes is about what one number of a vector takes as text: a sign, a
	// point, up to ten digits and a comma.
	numberBytes = 13
)

// roomFor refuses texts whose vectors would fill the memory: short ones fit into
// a body by the hundred thousand.
func (e *entry) roomFor(texts int, params model.Params) error {
	most := maxVectors / (numberBytes * e.Target.Family.Dimension(params))
	if texts <= most {
		return nil
	}
	return fault.New(fault.Invalid, "at most %d texts of this model fit in one request, and this one has %d", most, texts).
		WithRemedy("Split it into several requests.").WithParam("input").WithCode("too_many_texts")
}
