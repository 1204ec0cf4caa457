"""What routing keeps on the compacted `salur.reference`."""
