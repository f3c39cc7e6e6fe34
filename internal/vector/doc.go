// Package vector knows the two ways an embedding travels, as JSON text and as
// float32 little-endian, and how to turn the first into the second quickly.
//
// Text that Bedrock sent is checked once by [Scan] and from then on copied as
// it is: a vector's digits are parsed only where numbers are needed, for base64,
// normalising or comparing. The package does not know models, their dimensions
// or the bodies that vectors stand in. Errors name a byte or an element, never
// what stood there.
package vector
