package matching

// hashWord returns a stable 64-bit hash of a word: FNV-1a with a finalizer,
// since FNV alone leaves the high bits of short words weak. It is stored, so
// the seedless and fixed construction matters more than speed.
func hashWord(word string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(word) {
		h ^= uint64(word[i])
		h *= 0x100000001b3
	}
	return mix(h)
}

// mix is the finalizer of SplitMix64: every input bit reaches every output bit.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// join hashes an ordered pair of hashes.
func join(a, b uint64) uint64 { return mix(a*0x9e3779b97f4a7c15 + b) }
