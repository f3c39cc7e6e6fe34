package vector

import (
	"encoding/binary"
	"fmt"
	"math"
)

// ParseFloat32 is number for the whole of b.
func ParseFloat32(b []byte) (float32, error) {
	value, end, err := number(b, 0)
	if err == nil && end != len(b) {
		return 0, errNumber
	}
	return value, err
}

// FromLittleEndian reads a vector of float32 in little-endian order. Bytes that
// are no whole number of them, infinities and NaN are errors.
func FromLittleEndian(b []byte) ([]float32, error) {
	if len(b)%4 != 0 {
		return nil, fmt.Errorf("%d bytes are no whole number of float32", len(b))
	}
	v := make([]float32, len(b)/4)
	for i := range v {
		pattern := binary.LittleEndian.Uint32(b[4*i:])
		if pattern&0x7f800000 == 0x7f800000 {
			return nil, fmt.Errorf("element %d is not a finite number", i)
		}
		v[i] = math.Float32frombits(pattern)
	}
	return v, nil
}
