package rules

import "medconsent.org/chaincode/records"

// SeatState is where one person's seat on a committee stands.
type SeatState string

// The states of a seat.
const (
	SeatPlanned SeatState = "planned"
	SeatHeld    SeatState = "seated"
	SeatEnded   SeatState = "ended"
)

// SeatStateAt says where a seat stands at a moment, by all that its record says.
func SeatStateAt(seat records.Seat, at records.Time) SeatState {
	switch {
	case seat.Until != 0 && at >= seat.Until:
		return SeatEnded
	case at < seat.From:
		return SeatPlanned
	}
	return SeatHeld
}
