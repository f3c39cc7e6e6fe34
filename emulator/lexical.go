package emulator

import (
	"math"
	"strings"
	"unicode"
)

// Lexical vectors. A word and each trigram of its characters, edges included,
// add or take away a little at a place that their hash chooses; the sum is
// scaled to length one, and a faint noise that depends on the whole text
// fills every place, so that the vectors are as dense as a real model's.
const (
	wordWeight    = 1.0
	trigramWeight = 0.4
	noiseLength   = 0.2 // against the lexical part's 1
)

// embedText is the vector of text in n dimensions, of length one.
func embedText(text string, n int) []float32 {
	v := make([]float32, n)
	f := features{v: v}
	lower := strings.ToLower(text)
	for _, r := range lower {
		f.rune(r)
	}
	f.endWord()
	scale(v, 1)
	state, spread := hashText(lower), float32(noiseLength*math.Sqrt(3/float64(n))/(1<<23))
	for i := range v {
		state += 0x9e3779b97f4a7c15
		v[i] += float32(int32(mix(state)>>40)-1<<23) * spread // 24 bits fit
	}
	scale(v, 1)
	return v
}

// features turns a stream of characters into hashed words and trigrams.
type features struct {
	v           []float32
	word        uint64
	length      int
	first, last rune // the two characters before the current one
}

func (f *features) rune(r rune) {
	if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		f.endWord()
		return
	}
	if f.length == 0 {
		f.word, f.first, f.last = 0xcbf29ce484222325, 0, ' '
	}
	f.word = (f.word ^ uint64(r)) * 0x100000001b3 // a character is not negative
	f.length++
	f.trigram(r)
}

func (f *features) trigram(r rune) {
	if f.first != 0 {
		f.add(mix(uint64(f.first)<<42|uint64(f.last)<<21|uint64(r)), trigramWeight) // as above
	}
	f.first, f.last = f.last, r
}

func (f *features) endWord() {
	if f.length == 0 {
		return
	}
	f.trigram(' ')
	f.add(mix(f.word), wordWeight)
	f.length = 0
}

func (f *features) add(hash uint64, weight float32) {
	if hash&1 == 0 {
		weight = -weight
	}
	f.v[(hash>>32)*uint64(len(f.v))>>32] += weight
}

// scale makes v's length the one given; a zero vector stays as it is.
func scale(v []float32, length float64) {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return
	}
	by := float32(length / math.Sqrt(sum))
	for i := range v {
		v[i] *= by
	}
}

// mix spreads a number's bits over all of it (the finisher of SplitMix64).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// hashText is FNV-1a.
func hashText(s string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return h
}
