// Package pace knows how often a name may do something: so often a minute, with
// a burst, in the memory of this process. A name is an API key, a person, an
// organization, or the neighbourhood of an address.
//
// It does not know what is done, and not what AWS counts; limit knows that.
package pace
