package sqlstore

import (
	"encoding/binary"
	"slices"
	"testing"
)

// A list comes as the server keeps it; whatever else comes is an error, never
// a wrong number or a panic.
func TestNumbersOfAList(t *testing.T) {
	t.Parallel()
	list := func(dimensions uint32, numbers ...int64) []byte {
		b := binary.BigEndian.AppendUint32(nil, dimensions)
		for _, word := range []uint32{0, 20, uint32(len(numbers)), 1} {
			b = binary.BigEndian.AppendUint32(b, word)
		}
		for _, n := range numbers {
			b = binary.BigEndian.AppendUint32(b, 8)
			b = binary.BigEndian.AppendUint64(b, uint64(n))
		}
		return b
	}
	tests := []struct {
		name   string
		values []byte
		want   []int64
		fails  bool
	}{
		{name: "of one", values: list(1, 7), want: []int64{7}},
		{name: "of several, some below zero", values: list(1, -1, 0, 1<<62), want: []int64{-1, 0, 1 << 62}},
		{name: "of none", values: make([]byte, 12)},
		{name: "that ends early", values: list(1, 7, 8)[:30], fails: true},
		{name: "of two dimensions", values: list(2, 7), fails: true},
		{name: "that is text", values: []byte("{1,2,3}"), fails: true},
		{name: "that is missing", fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []int64
			err := postgresDialect{}.numbers(tt.values, func(n int64) { got = append(got, n) })
			if (err != nil) != tt.fails || !slices.Equal(got, tt.want) {
				t.Errorf("%v, %v; want %v", got, err, tt.want)
			}
		})
	}
}
