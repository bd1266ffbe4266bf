import { describeOrders } from './sound-orders.ts';

describeOrders(['all sound after the frames', 'sound that is longer than the frames'], [6]);
